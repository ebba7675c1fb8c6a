/** A part of a Markdown file that a script makes. */
export interface MadePart {
  /** The file's path from the root. */
  readonly path: string;
  /** What the part is called: it stands between `<!-- made: NAME -->` and `<!-- /made -->`. */
  readonly name: string;
  /** The command that makes it. */
  readonly command: string;
}

const ROOT = new URL("../..", import.meta.url);

/**
 * Compares a part of a file with what was made anew, or writes it there.
 *
 * @param part Where it is.
 * @param text What was made; how `deno fmt` arranges it does not count.
 * @param isWritten Whether the file is changed where it differs.
 * @returns Whether the file has it in the end. If not, what to do was printed.
 */
export async function keepPart({ path, name, command }: MadePart, text: string, isWritten: boolean): Promise<boolean> {
  const url = new URL(path, ROOT);
  const markdown = await Deno.readTextFile(url);
  if (arranged(partOf(markdown, name)) === arranged(text)) return true;
  if (!isWritten) {
    console.error(`${path} differs from what was made anew. To write it: ${command} --write`);
    return false;
  }
  await Deno.writeTextFile(url, withPart(markdown, name, text));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path], cwd: ROOT }).output();
  return true;
}

/**
 * Gives a part of a Markdown text.
 *
 * @param name What the part is called.
 * @throws {Error} If there is no such part.
 */
export function partOf(markdown: string, name: string): string {
  const [start, end] = boundsOf(markdown, name);
  return markdown.slice(start, end);
}

/**
 * Puts a text in the place of a part.
 *
 * @param name What the part is called.
 * @throws {Error} If there is no such part.
 */
export function withPart(markdown: string, name: string, text: string): string {
  const [start, end] = boundsOf(markdown, name);
  return `${markdown.slice(0, start)}\n\n${text.trim()}\n\n${markdown.slice(end)}`;
}

function boundsOf(markdown: string, name: string): [start: number, end: number] {
  const opening = `<!-- made: ${name} -->`;
  const start = markdown.indexOf(opening) + opening.length;
  const end = markdown.indexOf("<!-- /made -->", start);
  if (start < opening.length || end < 0) throw new Error(`There is no part "${name}"`);
  return [start, end];
}

/** Takes out of a text what `deno fmt` arranges: white space, line breaks, and the lines under the heads of tables. */
export function arranged(text: string): string {
  return text.replace(/^[ |:-]*-[ |:-]*$/gm, "").replace(/\s*\|\s*/g, "|").replace(/\s+/g, " ").trim();
}
