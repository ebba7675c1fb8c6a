/** A link in a file of the repository. */
export interface Link {
  /** The file that has it, from the root. */
  readonly from: string;
  /** What it leads to: a path from the root, and a heading's anchor where it has one. */
  readonly to: string;
  /** The words that are shown. */
  readonly label: string;
}

/** Where the repository is on the web, as docstrings write it before that is known. */
const REPOSITORY = "https://REPOSITORY/";

/**
 * Finds the links to other files of the repository: relative ones in Markdown, and those that name the repository anywhere.
 *
 * @param from The path of the file from the root, for instance `lib/README.md`.
 */
export function linksIn(from: string, text: string): Link[] {
  const links: Link[] = [];
  const add = (target: string, label: string) => {
    if (target.startsWith(REPOSITORY)) links.push({ from, to: target.slice(REPOSITORY.length), label });
    else if (from.endsWith(".md") && !/^[a-z]+:/.test(target)) {
      const { pathname, hash } = new URL(target, `file:///${from}`);
      links.push({ from, to: decodeURIComponent(pathname.slice(1)) + hash, label });
    }
  };
  for (const [, target = "", label = ""] of text.matchAll(/\{@link (\S+)\s+([^}]*)\}/g)) add(target, label);
  if (from.endsWith(".md")) {
    for (const [, label = "", target = ""] of withoutCode(text).matchAll(/\[([^\]]*)\]\((\S+?)\)/g)) add(target, label);
  }
  return links;
}

/**
 * Names the headings of a Markdown file by their anchors, as GitHub and JSR make them.
 *
 * @returns The words of each heading, by its anchor.
 */
export function headingsOf(markdown: string): Map<string, string> {
  const headings = [...withoutCode(markdown).matchAll(/^#+ (.+)$/gm)].map(([, words = ""]) => words);
  return new Map(
    headings.map((words) => [words.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-"), words]),
  );
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```$/gm, "");
}
