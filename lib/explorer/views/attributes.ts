import type { VNode } from "preact";
import { reader } from "../parts/client.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { html } from "../parts/html.ts";
import { Progress } from "../parts/progress.ts";
import { useTask } from "../parts/task.ts";
import type { TagViewProps } from "../parts/view.ts";

/** The attributes of a tag. */
export function Attributes({ tag }: TagViewProps): VNode {
  const { value, error, again } = useTask((signal) => reader.attrs(tag, { signal }), [tag]);
  if (error !== undefined) {
    return html`<${ErrorPanel} doing="Cannot read the attributes" error=${error} tag=${tag} again=${again} />`;
  }
  if (value === undefined) return html`<${Progress} label="Reading the attributes" />`;
  return html`
    <dl>${Object.entries(value).map(([name, value]) =>
      html`
        <dt>${name}</dt>
        <dd>${value}</dd>
      `
    )}</dl>
  `;
}
