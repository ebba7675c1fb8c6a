// A module of somebody who installed the package.
import { codecName, DDFS, type Replicas } from "@ddfs/client";
import { codec } from "@ddfs/client/codec";
import { embedded } from "@ddfs/client/embedded";
import { DDFSReader } from "@ddfs/client/read";
import { records, type Value } from "@ddfs/client/records";

const { fetch, master, close } = embedded();
const ddfs = new DDFS(master, { fetch });
const { blobs }: { blobs: readonly Replicas[] } = await ddfs.chunk("data:lines", [new Blob(["one\ntwo\n"])]);
const lines: string[] = [];
for await (const line of ddfs.records("tag://data:lines", { text: true })) lines.push(line);
for await (const blob of new DDFSReader(master, { fetch }).pull("data:lines")) {
  for await (const record of records(await blob.bytes())) record satisfies Value;
}
codec(codecName()).crc32(new Uint8Array(1));
await close();
console.log(JSON.stringify([blobs.length, lines, codecName()]));
