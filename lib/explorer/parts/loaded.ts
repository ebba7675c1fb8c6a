import type { ComponentType, VNode } from "preact";
import { html } from "./html.ts";
import { ErrorPanel } from "./error_panel.ts";
import { Progress } from "./progress.ts";
import { useTask } from "./task.ts";
import type { View } from "./view.ts";

/** Shows a view; says that it is being loaded, or why it cannot be. */
export function Loaded<Props>({ view, ...props }: { view: View<Props> } & Props): VNode {
  const { value, error, again } = useTask(async () => ({ of: view, component: await view.load() }), [view]);
  if (error !== undefined) {
    return html`<${ErrorPanel} doing=${`Cannot show ${view.title}`} error=${error} again=${again} />`;
  }
  if (value?.of !== view) return html`<${Progress} label="Loading" />`;
  return html`<${value.component as ComponentType<unknown>} ...${props} />`;
}
