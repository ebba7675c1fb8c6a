import type { VNode } from "preact";
import { reader } from "../parts/client.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { html } from "../parts/html.ts";
import { Progress } from "../parts/progress.ts";
import { useTask } from "../parts/task.ts";
import type { TagViewProps } from "../parts/view.ts";
import { type RowProps, VirtualList } from "../parts/virtual_list.ts";

/** The blobs of a tag, and on which nodes they are. */
export function Blobs({ tag }: TagViewProps): VNode {
  const { value, error, again } = useTask((signal) => reader.urls(tag, { signal }), [tag]);
  if (error !== undefined) {
    return html`<${ErrorPanel} doing="Cannot read the tag" error=${error} tag=${tag} again=${again} />`;
  }
  if (value === undefined) return html`<${Progress} label="Reading the tag" />`;
  const row = (index: number, props: RowProps) => html`<div ...${props}>${value[index]?.join(" ")}</div>`;
  return html`<${VirtualList} label="Blobs" role="list" count=${value.length} rowHeight=${36} row=${row} />`;
}
