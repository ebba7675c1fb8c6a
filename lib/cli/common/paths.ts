import { CommandError, EXIT, usage } from "./exit_status.ts";
import { fileInfo, folderEntries, joinPath } from "../terminal/files.ts";

/** A file that was chosen. */
export interface ChosenFile {
  /** Its path, as it is opened. */
  readonly path: string;
  /** Its path below the folder that was given, which patterns are matched against. */
  readonly relative: string;
  /** Its size in bytes. */
  readonly size: number;
  /** When it was changed, in milliseconds since 1970. */
  readonly changed: number;
  /** True for a file, which can be read again, and not for a pipe or a device. */
  readonly isFile: boolean;
}

/** Which files are chosen. */
export interface ChoiceOptions {
  /** True where folders stand for all files below them. */
  readonly recursive?: boolean | undefined;
  /** Only files that one of these fits. */
  readonly include?: readonly string[] | undefined;
  /** No file that one of these fits. */
  readonly exclude?: readonly string[] | undefined;
}

/**
 * Finds the files that paths, globs and folders stand for.
 *
 * @param paths The arguments.
 * @param options Folders, patterns.
 * @param skipped Called with a folder that is passed over.
 * @throws {CommandError} If there is no such file.
 */
export async function filesOf(
  paths: readonly string[],
  options: ChoiceOptions,
  skipped: (folder: string) => Promise<void>,
): Promise<ChosenFile[]> {
  const fits = filter(options);
  const chosen: ChosenFile[] = [];
  for (const given of paths) {
    for (const path of await expanded(given)) {
      const info = await fileInfo(path);
      if (info === undefined) throw missing(given);
      if (!info.isFolder) {
        if (fits(path)) chosen.push({ ...info, path, relative: path });
      } else if (options.recursive === true) {
        await collect(path, "", fits, chosen);
      } else {
        await skipped(path);
      }
    }
  }
  return chosen;
}

/** The error of a path that leads to nothing. */
function missing(path: string): CommandError {
  if (path === "") return usage("a path is empty");
  if (!path.includes("://")) return new CommandError(`${path}: No such file or directory`, EXIT.notFound);
  return usage(`${JSON.stringify(path)} is a tag or a URL, and no file: see chunk, tag and cp for these`);
}

/** Collects the files below a folder, the folder's own before those of the folders in it. A pipe or a device among them is not read, as it may never end. */
async function collect(
  root: string,
  below: string,
  fits: (path: string) => boolean,
  chosen: ChosenFile[],
): Promise<void> {
  const entries = await folderEntries(joinPath(root, below));
  for (const { name, isFolder } of entries.filter(({ isFolder }) => !isFolder)) {
    const relative = below === "" ? name : `${below}/${name}`;
    const path = joinPath(root, relative);
    const info = fits(relative) && !isFolder ? await fileInfo(path) : undefined;
    if (info?.isFile === true) chosen.push({ ...info, path, relative });
  }
  for (const { name } of entries.filter(({ isFolder }) => isFolder)) {
    await collect(root, below === "" ? name : `${below}/${name}`, fits, chosen);
  }
}

/** Makes a check of paths by patterns; one without `*?[{` fits every path with this text in it. */
export function filter({ include = [], exclude = [] }: ChoiceOptions): (path: string) => boolean {
  const wanted = include.map(pattern);
  const unwanted = exclude.map(pattern);
  return (path) => (wanted.length === 0 || wanted.some((fits) => fits(path))) && !unwanted.some((fits) => fits(path));
}

function pattern(text: string): (path: string) => boolean {
  if (!isGlob(text)) return (path) => path.includes(text);
  const whole = globExpression(text);
  // Without a slash it is about the name, wherever the file is.
  return text.includes("/") ? (path) => whole.test(path) : (path) => whole.test(path.slice(path.lastIndexOf("/") + 1));
}

function isGlob(text: string): boolean {
  return /[*?[{]/.test(text);
}

/** The paths that a glob stands for; a path that is there stands for itself. */
async function expanded(path: string): Promise<string[]> {
  if (!isGlob(path) || await fileInfo(path) !== undefined) return [path];
  let found = [path.startsWith("/") ? "/" : ""];
  for (const part of path.split("/").filter((part) => part !== "")) {
    if (!isGlob(part)) {
      found = found.map((folder) => folder + (folder === "" || folder.endsWith("/") ? "" : "/") + part);
      continue;
    }
    const next: string[] = [];
    for (const folder of found) next.push(...await matching(folder, part));
    found = next;
  }
  const there: string[] = [];
  for (const candidate of found) if (await fileInfo(candidate) !== undefined) there.push(candidate);
  if (there.length > 0) return there;
  throw missing(path);
}

/** The paths in a folder whose names a part of a glob fits; `**` is the folder and all folders below it. */
async function matching(folder: string, part: string): Promise<string[]> {
  const info = await fileInfo(folder || ".");
  if (info === undefined || !info.isFolder) return [];
  const prefix = folder === "" || folder.endsWith("/") ? folder : `${folder}/`;
  const entries = (await folderEntries(folder || ".")).filter(({ name }) =>
    !name.startsWith(".") || part.startsWith(".")
  );
  if (part !== "**") {
    const expression = globExpression(part);
    return entries.filter(({ name }) => expression.test(name)).map(({ name }) => prefix + name);
  }
  const below = entries.filter(({ isFolder }) => isFolder).map(({ name }) => prefix + name);
  return [folder, ...(await Promise.all(below.map((path) => matching(path, part)))).flat()];
}

/** A glob as a regular expression: `*` and `?` stay within a name, `**` does not; `[ab]`, `[!ab]`, `{one,two}`. */
export function globExpression(glob: string): RegExp {
  let text = "";
  let braces = 0;
  for (let i = 0; i < glob.length; i++) {
    const character = glob.charAt(i);
    if (character === "*" && glob[i + 1] === "*") {
      i++;
      if (glob[i + 1] === "/") {
        i++;
        text += "(?:.*/)?";
      } else text += ".*";
    } else if (character === "*") text += "[^/]*";
    else if (character === "?") text += "[^/]";
    else if (character === "[" && glob.includes("]", i + 2)) {
      const end = glob.indexOf("]", i + 2);
      text += `[${glob.slice(i + 1, end).replace(/^!/, "^").replaceAll("\\", "\\\\")}]`;
      i = end;
    } else if (character === "{" && glob.includes("}", i)) {
      braces++;
      text += "(?:";
    } else if (character === "}" && braces > 0) {
      braces--;
      text += ")";
    } else if (character === "," && braces > 0) text += "|";
    else text += character.replace(/[\\^$.|()+*?[\]{}]/, "\\$&");
  }
  try {
    return new RegExp(`^${text}$`, "s");
  } catch {
    throw usage(`${JSON.stringify(glob)} is no pattern`);
  }
}
