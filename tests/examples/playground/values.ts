// Records are values, too
import { chunks, dumps, loads, records } from "@ddfs/client/records";

// As Python pickles them; a list is a tuple or a list there, a Map is a dict.
console.log(loads(dumps(["key", 42, null, true, 2n ** 64n])));

// Chunks without a cluster: bytes in, bytes out.
for await (const chunk of chunks(new TextEncoder().encode("a line\nanother line\n"))) {
  console.log(chunk.length, "bytes in a chunk");
  for await (const record of records(chunk, { text: true })) console.log(JSON.stringify(record));
}

// Prints:
// [ "key", 42, null, true, 18446744073709551616n ]
// 74 bytes in a chunk
// "a line\n"
// "another line\n"
