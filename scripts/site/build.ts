// Makes the site in site/: guides from the READMEs, the API by `deno doc`, and the playground. Every link is checked, and in browsers, where there are
// some, each example is run and pages are looked at.
//   deno task site [--check]     (--check: makes it in a temporary folder, and keeps nothing)
import { makeApi } from "./api.ts";
import { browse } from "./browse.ts";
import { type Guide, guidesOf, linkTo, REPOSITORY, type Section } from "./guides.ts";
import { page } from "./layout.ts";
import { linkFaults } from "./links.ts";
import { escaped, highlighted, rendered } from "./markdown.ts";
import { makePlayground } from "./playground.ts";
import { output } from "../shared/processes.ts";

const ROOT = new URL("../../", import.meta.url);

const isCheck = Deno.args.includes("--check");
const site = isCheck ? await Deno.makeTempDir({ prefix: "ddfs-site-" }) : new URL("site", ROOT).pathname;
try {
  if (!isCheck) await Deno.remove(site, { recursive: true }).catch(() => {});
  await build();
  const files = await filesIn(site);
  const faults = await linkFaults(files, (path) => Deno.readTextFile(`${site}/${path}`));
  faults.push(...await browse(site));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) Deno.exitCode = 1;
  console.log(`${isCheck ? "the site" : "site/"}: ${files.length} files, ${faults.length} faults`);
} finally {
  if (isCheck) await Deno.remove(site, { recursive: true });
}

async function build(): Promise<void> {
  const listed = await output("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  const paths = listed.trim().split("\n");
  const texts = new Map<string, string>();
  for (const path of paths.filter((path) => path.endsWith(".md"))) texts.set(path, await read(path));
  const { guides, navigation } = guidesOf(
    [...texts.keys()],
    (file) => /^# (.+)$/m.exec(texts.get(file) ?? "")?.[1] ?? file,
  );
  const sources = new Set<string>();

  await Deno.mkdir(`${site}/playground`, { recursive: true });
  for (const guide of guides) {
    await write(
      guide.path,
      guidePage(guide, texts.get(guide.source) ?? "", navigation, (target) => addressOf(guide, target)),
    );
  }
  await Promise.all([
    makeApi({ root: ROOT, site, pageOf: (target) => pathOf(target) }),
    makePlayground(site, navigation),
  ]);
  for (const source of sources) await makeSource(source);
  for (const name of ["bar.css", "site.css", "api.css", "icon.svg"]) {
    await Deno.copyFile(new URL(name, import.meta.url), `${site}/${name}`);
  }

  /** Gives the address in a guide for that of a link in its Markdown. */
  function addressOf({ source, path }: Guide, target: string): string {
    if (target.startsWith("#")) return target;
    if (target.startsWith(REPOSITORY)) return linkTo(path, pathOf(target.slice(REPOSITORY.length)));
    if (/^[a-z]+:/.test(target)) return target;
    const { pathname, hash } = new URL(target, `file:///${source}`);
    return linkTo(path, pathOf(decodeURIComponent(pathname.slice(1)) + hash));
  }

  /** Gives the page of the site for a file of the repository: a guide, a picture, or the file's text. */
  function pathOf(target: string): string {
    const [file = "", ...hash] = target.split(/(?=#)/);
    const guide = guides.find(({ source }) => source === file || source === `${file.replace(/\/$/, "")}/README.md`);
    if (guide !== undefined) return guide.path + hash.join("");
    sources.add(file);
    return file.endsWith(".svg") ? `source/${file}` : `source/${file}.html${hash.join("")}`;
  }

  async function makeSource(file: string): Promise<void> {
    // What is not there, or a folder, is found by the check of links.
    if (!paths.includes(file)) return;
    const text = await read(file);
    if (file.endsWith(".svg")) return await write(`source/${file}`, text);
    const code = highlighted(text, file.slice(file.lastIndexOf(".") + 1));
    const path = `source/${file}.html`;
    const content = `<h1>${escaped(file)}</h1>\n<pre tabindex="0"><code>${code}</code></pre>\n`;
    await write(path, page({ path, title: file, content, navigation, kind: "source" }));
  }
}

function guidePage(
  guide: Guide,
  text: string,
  navigation: readonly Section[],
  linked: (target: string) => string,
): string {
  const { html, headings } = rendered(text, linked);
  const invitation = `<p class="try"><a class="button main" href="playground/index.html">Try it in this browser</a>` +
    `<a class="button" href="api/index.html">The API</a></p>\n`;
  const content = guide.path === "index.html" ? html.replace("<h2", `${invitation}<h2`) : html;
  return page({ path: guide.path, title: guide.title, content, navigation, headings });
}

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, ROOT));
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(`${site}/${path.slice(0, path.lastIndexOf("/") + 1)}`, { recursive: true });
  await Deno.writeTextFile(`${site}/${path}`, text);
}

async function filesIn(folder: string, below = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${below}`)) {
    if (isDirectory) files.push(...await filesIn(folder, `${below}${name}/`));
    else files.push(below + name);
  }
  return files;
}
