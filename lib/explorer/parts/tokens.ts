/** Tokens are kept for the session of this tab, and go into headers only, never into an address. */
const KEY = "ddfs-tokens";

/** The tokens that were typed in: for all tags, and for some by their names. */
type Tokens = Partial<Record<string, string>>;

const listeners = new Set<() => void>();

/** Gives the token for a tag: its own, else the one for all. */
export function tokenFor(tag = ""): string | undefined {
  const tokens = read();
  return tokens[`tag ${tag}`] ?? tokens["all"];
}

/** Gives the token for all tags. */
export function commonToken(): string | undefined {
  return read()["all"];
}

/** Keeps a token for a tag, or for all; an empty one is forgotten. */
export function keepToken(token: string, tag?: string): void {
  const key = tag === undefined ? "all" : `tag ${tag}`;
  const { [key]: _, ...others } = read();
  sessionStorage.setItem(KEY, JSON.stringify(token === "" ? others : { ...others, [key]: token }));
  for (const listener of listeners) listener();
}

/** Calls a function whenever a token was kept, until the function that it gives is called. */
export function onToken(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function read(): Tokens {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}
