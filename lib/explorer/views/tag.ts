import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { TagObject } from "../../client/reader.ts";
import { client, isLink, mayWrite, reader } from "../parts/client.ts";
import { Confirm } from "../parts/dialog.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { known } from "../parts/known_error.ts";
import { counted, date } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { Loaded } from "../parts/loaded.ts";
import { Progress } from "../parts/progress.ts";
import { go, href, type TagView } from "../parts/router.ts";
import { forget } from "../parts/tag_facts.ts";
import { useTask } from "../parts/task.ts";
import type { ViewProps } from "../parts/view.ts";
import { crumbsOf } from "./prefixes.ts";
import { TAG_VIEWS } from "./tag_views.ts";

/** One tag: its name, and one of the ways to look at it. */
export function TagPage({ place }: ViewProps): VNode {
  const [, tag = ""] = place.path;
  const { value: found, error, again } = useTask((signal) => reader.get(tag, { signal }), [tag]);
  const [isDeleting, setDeleting] = useState(false);
  const refresh = () => {
    forget(tag);
    again();
  };
  // Whoever has no token to read a tag may still have one to delete it.
  const isThere = found !== undefined || known(error).code === "unauthorized";
  return html`
    <div class="head">
      <h1 class="name">${crumbsOf(tag).map(({ prefix, label }) =>
        prefix === tag ? label : html`<a href=${href.tags(prefix)}>${label}</a>`
      )}</h1>
      ${found && html`<${Facts} found=${found} />`}
      <span class="space"></span>
      ${mayWrite && isThere && html`
        <a class="button" href=${href.upload(tag)}>Upload</a>
        <button class="danger quiet" onClick=${() => setDeleting(true)}>Delete …</button>
      `}
    </div>
    ${error !== undefined && html`
      <${ErrorPanel} doing="Cannot read the tag" error=${error} tag=${tag} again=${again} />
    `}
    ${found === undefined && error === undefined && html`<${Progress} label="Reading the tag" />`}
    ${found && html`<${Ways} place=${place} tag=${tag} found=${found} refresh=${refresh} />`}
    ${isDeleting && html`<${Deletion} tag=${tag} found=${found} close=${() => setDeleting(false)} />`}
  `;
}

function Facts({ found: { urls, lastModified } }: { found: TagObject }): VNode {
  const links = urls.filter(([url = ""]) => isLink(url)).length;
  const facts = [counted(urls.length - links, "blob"), counted(links, "link"), `changed ${date(lastModified)}`];
  return html`<p class="soft">${facts.join(" · ")}</p>`;
}

function Ways(
  { place, tag, found, refresh }: ViewProps & { tag: string; found: TagObject; refresh: () => void },
): VNode {
  const [first = ""] = Object.keys(TAG_VIEWS);
  const asked = place.query.get("view") ?? "";
  const name = Object.hasOwn(TAG_VIEWS, asked) ? asked : first;
  return html`
    <nav class="tabs" aria-label="Ways to look at the tag">
      ${Object.entries(TAG_VIEWS).map(([path, { title }]) =>
        html`
          <a href=${href.tag(tag, path as TagView)} aria-current=${path === name ? "page" : undefined}>${title}</a>
        `
      )}
    </nav>
    <section class="panel fill" aria-label=${TAG_VIEWS[name]?.title}>
      <${Loaded}
        key=${`${tag} ${name}`}
        view=${TAG_VIEWS[name]}
        place=${place}
        tag=${tag}
        found=${found}
        refresh=${refresh}
      />
    </section>
  `;
}

function Deletion({ tag, found, close }: { tag: string; found: TagObject | undefined; close: () => void }): VNode {
  const remove = async (signal: AbortSignal) => {
    await (await client()).delete(tag, { signal });
    forget(tag);
    go(href.tags(crumbsOf(tag).at(-2)?.prefix));
  };
  return html`
    <${Confirm} title="Delete this tag?" verb="Delete" typed=${tag} tag=${tag} isDanger act=${remove}
      close=${close}>
      <p>
        ${found !== undefined && found.urls.length > 0 && `It has ${counted(found.urls.length, "entry", "entries")}. `}
        Blobs that no other tag names are removed by the next collection. This cannot be undone.
      </p>
      <//>
  `;
}
