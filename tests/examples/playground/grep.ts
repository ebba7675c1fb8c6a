// Find lines in a tag
import { DDFS } from "@ddfs/client";
import { embedded } from "@ddfs/client/embedded";

const { fetch, master } = embedded();
const ddfs = new DDFS(master, { fetch });
const lines = Array.from({ length: 10_000 }, (_, i) => `${i} GET /page/${i % 1000} ${i % 7 === 0 ? 404 : 200}\n`);
await ddfs.chunk("data:log", [[new Blob(lines), "log"]]);

for await (const found of ddfs.grep("tag://data:log", /\/page\/77 404$/m, { text: true })) {
  console.log(found.join("").trimEnd());
}

// Prints:
// 77 GET /page/77 404
// 7077 GET /page/77 404
