// Loads the files of a folder, and of those in it, into a tag: each is split into lines, and stored compressed.
//   deno run --allow-net --allow-read --allow-env load_logs.ts TAG FOLDER      (DISCO_MASTER names the cluster)
import { DDFS, DiscoError } from "@ddfs/client";

const [tag, folder] = Deno.args;
if (tag === undefined || folder === undefined) {
  console.error("usage: load_logs.ts TAG FOLDER");
  Deno.exit(2);
}

const ddfs = new DDFS(undefined, { onEvent: ({ type, url }) => console.error(`${type}: ${url}`) });
try {
  let records = 0;
  const { blobs } = await ddfs.chunk(tag, [`${folder}/`], {
    // A second run adds what is new, and leaves out what the tag has by name.
    update: true,
    // A log that was rotated and gzipped is read as what is in it.
    decompress: true,
    onProgress: (progress) => records = progress.records,
  });
  console.log(`${records} records in ${blobs.length} blobs: ${tag}`);
} catch (error) {
  // Nothing was tagged. The code says why, for programs; the message says it for people.
  if (!(error instanceof DiscoError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  Deno.exitCode = 1;
}
