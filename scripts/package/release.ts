// Makes what is published: the npm package, and the sources for JSR with links that work there. Refuses what is not ready for it.
//   deno run -A --config=deno.tools.json scripts/package/release.ts FOLDER      (then publish FOLDER/npm/*.tgz, and FOLDER/jsr by `deno publish`)
import { dirname, resolve } from "node:path";
import * as esbuild from "esbuild";
import { output } from "../shared/processes.ts";
import { packNpm } from "./pack_npm.ts";
import { refusals } from "./release_checks.ts";
import { linked, REPOSITORY } from "./repository.ts";

const ROOT = new URL("../..", import.meta.url);
if (Deno.args.length !== 1) {
  console.error("release.ts FOLDER: where what is published is made");
  Deno.exit(2);
}
const folder = resolve(Deno.args[0] ?? "");

const [config, changelog] = await Promise.all(
  ["deno.json", "CHANGELOG.md"].map((path) => Deno.readTextFile(new URL(path, ROOT))),
) as [string, string];
const { version } = JSON.parse(config) as { version: string };
const tag = Deno.env.get("GITHUB_REF_NAME");
const reasons = refusals({ repository: REPOSITORY, version, changelog, tag });
if (reasons.length > 0) {
  console.error(`This is not ready to be released:\n${reasons.map((reason) => `  ${reason}`).join("\n")}`);
  Deno.exit(1);
}

await Deno.mkdir(`${folder}/npm`, { recursive: true });
console.log(await packNpm(`${folder}/npm`));
await esbuild.stop();
await copySources(`${folder}/jsr`);
await output(Deno.execPath(), ["publish", "--dry-run", "--allow-dirty"], { cwd: `${folder}/jsr` });
console.log(`${folder}/jsr`);

/** Copies what `deno publish` takes, with its links. */
async function copySources(target: string): Promise<void> {
  const listed = await output("git", ["ls-files", "-z", "mod.ts", "lib", "README.md", "LICENSE", "deno.json"], {
    cwd: ROOT,
  });
  for (const path of listed.split("\0").filter((path) => path !== "")) {
    await Deno.mkdir(dirname(`${target}/${path}`), { recursive: true });
    const text = await Deno.readTextFile(new URL(path, ROOT));
    await Deno.writeTextFile(`${target}/${path}`, linked(path, text, { repository: REPOSITORY, version }));
  }
}
