import { bar } from "./layout.ts";
import { linkTo, REPOSITORY } from "./guides.ts";
import { output } from "../shared/processes.ts";

/** The policy of the pages of the API: their scripts are files. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'";

/** What the pages of the API are made of. */
export interface ApiParts {
  /** The root of the repository. */
  readonly root: URL;
  /** Where the site is made. */
  readonly site: string;
  /** Gives the page of a file of the repository, with its anchor. */
  readonly pageOf: (file: string) => string;
}

/**
 * Makes the pages of the API by `deno doc`, below `api/`, and fits them into the site: the same head, a policy, imports as users write them, and links to
 * the guides.
 */
export async function makeApi({ root, site, pageOf }: ApiParts): Promise<void> {
  const { exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root))) as {
    exports: Readonly<Record<string, string>>;
  };
  const args = ["doc", "--html", "--name=@ddfs/client", `--output=${site}/api`, ...Object.values(exports)];
  await output(Deno.execPath(), args, { cwd: root });
  const names = Object.keys(exports).map((entry) => entry === "." ? "." : entry.slice(2));
  const linked = (here: string) => (link: string, address: string) => {
    const target = address.replaceAll("&#x2F;", "/");
    const home = [REPOSITORY, root.href].find((home) => target.startsWith(home));
    return home === undefined ? link : `href="${linkTo(here, pageOf(target.slice(home.length)))}"`;
  };
  for await (const path of htmlFiles(`${site}/api`)) {
    const here = path.slice(site.length + 1);
    const text = (await Deno.readTextFile(path)).replace(/href="([^"]+)"/g, linked(here));
    await Deno.writeTextFile(path, fitted(text, here, names));
  }
}

/** Fits a page into the site. */
function fitted(text: string, path: string, names: readonly string[]): string {
  const usage = new RegExp(`( from &quot;)(${names.join("|").replace(".", "\\.")})(?=&quot;;)`, "g");
  return text
    .replace("<html>", '<html lang="en">')
    .replace(
      "<head>",
      `<head>\n  <meta http-equiv="Content-Security-Policy" content="${POLICY}">\n  <meta name="color-scheme" content="light dark">\n  <link rel="stylesheet" href="${
        linkTo(path, "bar.css")
      }">\n  <link rel="stylesheet" href="${linkTo(path, "api.css")}">\n  <link rel="icon" href="${
        linkTo(path, "icon.svg")
      }">`,
    )
    .replace("<body>", `<body>${bar(path)}${entries(path, names)}`)
    // Written for the policy: scripts show what needs them.
    .replaceAll(' style="display: none;"', "")
    // It writes `import { DDFS } from "."`, and `from "embedded"`.
    .replace(usage, (_, from, name) => `${from}@ddfs/client${name === "." ? "" : `/${name}`}`);
}

/** The entry points, which the pages themselves do not list. */
function entries(path: string, names: readonly string[]): string {
  const link = (name: string) => {
    const folder = name === "." ? "api/" : `api/${name}/`;
    const isHere = name === "." ? /^api\/(?:~|[^/]*$)/.test(path) : path.startsWith(folder);
    const words = `@ddfs/client${name === "." ? "" : `/${name}`}`;
    return `<a href="${linkTo(path, `${folder}index.html`)}"${isHere ? ' aria-current="true"' : ""}>${words}</a>`;
  };
  return `<nav class="entries" aria-label="Entry points">${names.map(link).join("")}</nav>`;
}

async function* htmlFiles(folder: string): AsyncGenerator<string, void, undefined> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* htmlFiles(`${folder}/${name}`);
    else if (name.endsWith(".html")) yield `${folder}/${name}`;
  }
}
