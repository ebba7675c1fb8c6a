// Tags that link to tags
import { DDFS } from "@ddfs/client";
import { embedded } from "@ddfs/client/embedded";

const { fetch, master } = embedded();
const ddfs = new DDFS(master, { fetch });
for (const day of ["monday", "tuesday"]) await ddfs.push(`log:${day}`, [[new Blob([day]), "access"]]);
await ddfs.tag("log:week", [["tag://log:monday"], ["tag://log:tuesday"]]);
await ddfs.tag("log:monday", [["tag://log:week"]]); // a circle: walks end all the same

for await (const { path, blobs, tags } of ddfs.walk("log:week")) {
  console.log(path.map((tag) => tag.replace("tag://", "")).join(" -> "), `${blobs.length} blobs, ${tags.length} links`);
}

// Prints:
// log:week 0 blobs, 2 links
// log:week -> log:monday 1 blobs, 1 links
// log:week -> log:tuesday 1 blobs, 0 links
