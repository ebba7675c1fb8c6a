import type { VNode } from "preact";
import { useCallback, useState } from "preact/hooks";
import { reader } from "../parts/client.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { counted } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { Progress } from "../parts/progress.ts";
import { href } from "../parts/router.ts";
import { useTask } from "../parts/task.ts";
import type { ViewProps } from "../parts/view.ts";
import { type RowProps, VirtualList } from "../parts/virtual_list.ts";

/** All tags with a prefix. */
export function Tags({ place }: ViewProps): VNode {
  const prefix = place.query.get("prefix") ?? "";
  const [search, setSearch] = useState("");
  const { value: all, error, again } = useTask((signal) => reader.list("", { signal }), []);
  const names = (all ?? []).filter((name) => name.startsWith(prefix) && name.includes(search));
  const row = useCallback(
    (index: number, props: RowProps) => html`<a ...${props} href=${href.tag(names[index] ?? "")}>${names[index]}</a>`,
    [names],
  );
  if (error !== undefined) return html`<${ErrorPanel} doing="Cannot list the tags" error=${error} again=${again} />`;
  if (all === undefined) return html`<${Progress} label="Listing the tags" />`;
  return html`
    <h1>Tags</h1>
    <p>${counted(names.length, "tag")}</p>
    <label>Search
      <input type="search" value=${search} onInput=${(event: InputEvent) =>
        setSearch((event.target as HTMLInputElement).value)} />
    </label>
    <${VirtualList} label="Tags" count=${names.length} rowHeight=${36} row=${row} />
  `;
}
