import { useEffect, useState } from "preact/hooks";

/** The path below which the page is. */
export const BASE = "/ui/";

/** A place in the page, as its address says it. */
export interface Place {
  /** The parts of the path after `/ui/`, decoded. */
  readonly path: readonly string[];
  /** The query. */
  readonly query: URLSearchParams;
}

/** The names of the ways to look at a tag. */
export type TagView = "records" | "blobs" | "graph" | "attributes";

/** The addresses of the page: every view is a link. */
export const href = {
  tags: (prefix = "", search = ""): string => BASE + "tags" + queryOf({ prefix, search }),
  tag: (name: string, view?: TagView, query: Query = {}): string =>
    `${BASE}tag/${segment(name)}${queryOf({ view, ...query })}`,
  nodes: (): string => `${BASE}nodes`,
  upload: (tag = ""): string => BASE + "upload" + queryOf({ tag }),
};

/** The values of a query; those that are empty are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

const listeners = new Set<() => void>();
let isBack = true;

/** Tells whether the place was reached by the browser's buttons, or by loading the page. */
export function cameBack(): boolean {
  return isBack;
}

/** Gives where the page is, and follows it. */
export function usePlace(): Place {
  const [place, setPlace] = useState(currentPlace);
  useEffect(() => {
    const update = () => setPlace(currentPlace());
    listeners.add(update);
    return () => void listeners.delete(update);
  }, []);
  return place;
}

/** Goes to an address of the page; with `replace` the one before is not in the history. */
export function go(address: string, { replace = false }: { replace?: boolean } = {}): void {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  isBack &&= replace;
  for (const update of listeners) update();
}

/** Lets links of the page, and the browser's buttons, change the place without loading the page anew. */
export function followLinks(): void {
  addEventListener("popstate", () => {
    isBack = true;
    for (const update of listeners) update();
  });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest("a");
    if (link === null || link.origin !== location.origin || !link.pathname.startsWith(BASE)) return;
    if (link.target !== "" || link.hasAttribute("download")) return;
    event.preventDefault();
    // A link to where the page is already undoes what the address does not say yet.
    go(link.href, { replace: link.href === location.href });
  });
}

function currentPlace(): Place {
  const { pathname, search } = location;
  const path = pathname.slice(BASE.length).split("/").filter((part) => part !== "").map(decoded);
  return { path, query: new URLSearchParams(search) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Encodes a part of a path; colons, which most tags have, stay readable. */
function segment(text: string): string {
  return encodeURIComponent(text).replaceAll("%3A", ":").replaceAll("%40", "@");
}

function queryOf(values: Query): string {
  const parts = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  return parts.length === 0 ? "" : "?" + parts.map(([name, value]) => `${name}=${segment(String(value))}`).join("&");
}
