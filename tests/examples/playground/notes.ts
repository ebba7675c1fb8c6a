// Store a blob, and read it
import { DDFS } from "@ddfs/client";
import { embedded } from "@ddfs/client/embedded";

const { fetch, master } = embedded(); // in memory; on disk: embedded({ root: "./volume" })
const ddfs = new DDFS(master, { fetch });
await ddfs.push("data:notes", [[new Blob(["hello"]), "greeting"]]);

for await (const blob of ddfs.pull("data:notes")) {
  console.log(blob.name, await blob.text());
}

// Prints:
// greeting hello
