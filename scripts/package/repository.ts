/**
 * Where the repository is on the web, for instance `https://github.com/OWNER/NAME`. The only place that says it; a release refuses while it is
 * empty. docstrings and Markdown write `https://REPOSITORY/PATH#ANCHOR`, which becomes an address of the released version.
 */
export const REPOSITORY: string = "";

/** Whose files, and at which version. */
export interface Place {
  /** The repository on the web; empty while it is not known. */
  readonly repository: string;
  /** The version whose tag is `v` and it. */
  readonly version: string;
}

/**
 * What package.json says of the repository.
 *
 * @param repository Its address; empty while it is not known.
 * @returns The members; none while it is not known.
 */
export function repositoryMembers(repository: string): Record<string, unknown> {
  if (repository === "") return {};
  return {
    repository: { type: "git", url: `git+${repository}.git` },
    homepage: `${repository}#readme`,
    bugs: { url: `${repository}/issues` },
  };
}

/**
 * Turns links to files of the repository into addresses that work outside of it: those that docstrings write as `https://REPOSITORY/…`, and in
 * Markdown relative links and pictures.
 *
 * @param path The file's path from the root of the repository.
 * @param text Its content.
 * @param place Where the links lead; while the repository is not known, the text stays as it is.
 * @returns The text with its links replaced.
 */
export function linked(path: string, text: string, { repository, version }: Place): string {
  if (repository === "") return text;
  const addressOf = (target: string, kind: "blob" | "raw") => `${repository}/${kind}/v${version}/${target}`;
  const named = text.replaceAll("https://REPOSITORY/", addressOf("", "blob"));
  if (!path.endsWith(".md")) return named;
  return named.replace(/(!?)(\[[^\]]*\]\()([^)\s]+)(\))/g, (link, picture, label, target, end) => {
    if (/^(?:[a-z]+:|#)/i.test(target)) return link;
    const { pathname, hash } = new URL(target, `file:///${path}`);
    return `${picture}${label}${addressOf(pathname.slice(1) + hash, picture === "!" ? "raw" : "blob")}${end}`;
  });
}
