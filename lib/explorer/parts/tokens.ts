/** Tokens are kept for the session of this tab, and go into headers only, never into an address. */
const KEY = "ddfs-tokens";

/** The purpose of a token: those that read and write a tag may differ. */
export type Access = "read" | "write";

const listeners = new Set<() => void>();
/** The tokens, as JSON, where the browser lets a page keep nothing. */
let kept = "{}";

/** Gives the token for a tag: its own, else the one for all. */
export function tokenFor(access: Access, tag: string): string | undefined {
  const tokens = read();
  return tokens[`${access} ${tag}`] ?? tokens[`read ${tag}`] ?? tokens["all"];
}

/** Gives the token for all tags. */
export function commonToken(): string | undefined {
  return read()["all"];
}

/** Keeps a token for a tag, or for all without one; an empty one is forgotten. */
export function keepToken(token: string, tag?: string, access: Access = "read"): void {
  const key = tag === undefined ? "all" : `${access} ${tag}`;
  const { [key]: _, ...others } = read();
  kept = JSON.stringify(token === "" ? others : { ...others, [key]: token });
  try {
    sessionStorage.setItem(KEY, kept);
  } catch {
    // It is kept until the page is loaded anew.
  }
  for (const listener of listeners) listener();
}

/** Calls a function whenever a token was kept, until the function that it gives is called. */
export function onToken(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function read(): Partial<Record<string, string>> {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? kept);
  } catch {
    return JSON.parse(kept);
  }
}
