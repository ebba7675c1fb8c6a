// Makes lib/explorer_page/files.ts: the explorer page of lib/explorer, bundled into the files that a browser loads.
//   deno task page [--check]     (--check: writes nothing, fails when the committed file is not what would be made)
import { bundlePage } from "./bundle_page.ts";

const OUTPUT = new URL("../../lib/explorer_page/files.ts", import.meta.url);

const { files } = await bundlePage();
const module = `// Made of lib/explorer by \`deno task page\`: change it there.
/** A file of the page. */
export interface PageFile {
  /** Its content. */
  readonly text: string;
  /** Its media type. */
  readonly type: string;
  /** Names its content. */
  readonly etag: string;
}

/** The files of the page, by their names below \`/ui/\`. */
export const FILES: Readonly<Record<string, PageFile>> = {
${files.map(({ name, ...file }) => `  ${JSON.stringify(name)}: ${JSON.stringify(file)},\n`).join("")}};
`;

if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(OUTPUT, module);
  console.log(`lib/explorer_page/files.ts: ${files.length} files, ${module.length} bytes`);
} else if (await Deno.readTextFile(OUTPUT).catch(() => "") !== module) {
  console.error("lib/explorer_page/files.ts is not what lib/explorer makes: run `deno task page`, and commit it.");
  Deno.exitCode = 1;
}
