import type { VNode } from "preact";
import { html } from "../parts/html.ts";
import { Loaded } from "../parts/loaded.ts";
import { href, type TagView } from "../parts/router.ts";
import type { ViewProps } from "../parts/view.ts";
import { TAG_VIEWS } from "./tag_views.ts";

/** One tag: its name, and one of the ways to look at it. */
export function TagPage({ place }: ViewProps): VNode {
  const [, tag = ""] = place.path;
  const [first = ""] = Object.keys(TAG_VIEWS);
  const name = place.query.get("view") ?? first;
  const view = (Object.hasOwn(TAG_VIEWS, name) ? TAG_VIEWS[name] : undefined) ?? TAG_VIEWS[first];
  return html`
    <h1>${tag}</h1>
    <nav class="tabs" aria-label="Ways to look at the tag">
      ${Object.entries(TAG_VIEWS).map(([path, { title }]) =>
        html`
          <a href=${href.tag(tag, path as TagView)} aria-current=${path === name ? "page" : undefined}>${title}</a>
        `
      )}
    </nav>
    <${Loaded} key=${tag} view=${view} place=${place} tag=${tag} />
  `;
}
