import type { VNode } from "preact";
import { html } from "./html.ts";

/** The properties of a progress bar. */
export interface ProgressProps {
  /** Says what is going on: `Reading 12 tags`. */
  readonly label: string;
  /** The amount that is done, of `total`. */
  readonly done?: number;
  /** The whole amount; unknown without it. */
  readonly total?: number | undefined;
  /** Ends it. */
  readonly stop?: (() => void) | undefined;
}

/** Shows that something goes on, how far it is, and lets it be stopped. */
export function Progress({ label, done = 0, total, stop }: ProgressProps): VNode {
  return html`
    <div class="progress">
      <span role="status">${label}</span>
      <progress aria-label=${label} ...${total === undefined
        ? {}
        : { value: Math.min(done, total), max: total || 1 }} />
      ${stop && html`<button onClick=${stop}>Stop</button>`}
    </div>
  `;
}
