import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { reader } from "../parts/client.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { count, counted } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { Progress } from "../parts/progress.ts";
import { go, href } from "../parts/router.ts";
import { useTask } from "../parts/task.ts";
import type { ViewProps } from "../parts/view.ts";
import { Empty } from "./empty.ts";
import { crumbsOf } from "./prefixes.ts";
import { PrefixTree } from "./prefix_tree.ts";
import { TagList } from "./tag_list.ts";

/** Milliseconds after the last key that the search becomes a part of the address: browsers allow few changes of it. */
const PAUSE = 400;

/** The tags as they were listed last: shown until they are listed anew. */
let listed: string[] | undefined;

/** All tags: a tree of their prefixes, and those that have the prefix and contain what is searched for. */
export function Tags({ place }: ViewProps): VNode {
  const prefix = place.query.get("prefix") ?? "";
  const asked = place.query.get("search") ?? "";
  const [search, setSearch] = useState(asked);
  // What is typed gets into the address; every other change of that is what is searched for.
  const isOwn = useRef(true);
  // At once: a key that is pressed before that would be lost.
  useLayoutEffect(() => {
    if (!isOwn.current) setSearch(asked);
    isOwn.current = false;
  }, [place]);
  // On a phone only: elsewhere the tree is always there.
  const [isTreeOpen, setTreeOpen] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const { value: all, error, again } = useTask(
    async (signal) => listed = await reader.list("", { signal }),
    [],
    listed,
  );
  const names = useMemo(
    () => (all ?? []).filter((name) => name.startsWith(prefix) && name.includes(search)),
    [all, prefix, search],
  );
  useEffect(() => {
    const timer = setTimeout(() => {
      const address = href.tags(prefix, search);
      // A tag may have been opened meanwhile.
      const isHere = location.pathname === href.tags();
      if (!isHere || address === location.pathname + location.search) return;
      isOwn.current = true;
      go(address, { replace: true });
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [prefix, search]);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const isTyping = (event.target as Element).matches("input, textarea, select");
      if (event.key !== "/" || isTyping || field.current === null) return;
      event.preventDefault();
      field.current.focus();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);

  const problem = error !== undefined &&
    html`<${ErrorPanel} doing="Cannot list the tags" error=${error} again=${again} />`;
  if (all === undefined) return problem || html`<${Progress} label="Listing the tags" />`;
  if (all.length === 0) return html`<${Empty} />`;
  const isPart = names.length < all.length;
  return html`
    ${problem}
    <div class="head">
      <h1>Tags</h1>
      <p class="soft" role="status">${isPart ? `${count(names.length)} of ` : ""}${counted(all.length, "tag")}</p>
      <input
        ref=${field}
        type="search"
        aria-label="Search tags"
        placeholder="Search"
        value=${search}
        onInput=${(event: InputEvent) => setSearch((event.target as HTMLInputElement).value)}
      />
    </div>
    <div class="columns">
      <section class=${isTreeOpen ? "prefixes open" : "prefixes"} aria-label="Prefixes">
        <button class="quiet" aria-expanded=${isTreeOpen} onClick=${() => setTreeOpen(!isTreeOpen)}>Prefixes</button>
        <${PrefixTree} names=${all} prefix=${prefix} search=${search} />
      </section>
      <section class="panel fill" aria-label="Tags">
        <${Crumbs} name=${prefix} search=${search} />
        <${TagList} names=${names} empty=${html`
          <p class="none">
            No tag ${prefix !== "" && html`begins with <b>${prefix}</b>`}${prefix !== "" && search !== "" &&
              " and "}${search !== "" && `contains “${search}”`}. <a href=${href.tags()}>Show all</a>
          </p>
        `} />
      </section>
    </div>
  `;
}

/** The way to a name: a link for each prefix. */
export function Crumbs({ name, search }: { name: string; search: string }): VNode {
  const crumbs = crumbsOf(name);
  return html`
    <nav class="crumbs" aria-label="Prefix">
      <a href=${href.tags()}>All tags</a>
      ${crumbs.map(({ prefix, label }) =>
        html`
          <a href=${href.tags(prefix, search)} aria-current=${prefix === name ? "page" : undefined}>${label}</a>
        `
      )}
    </nav>
  `;
}
