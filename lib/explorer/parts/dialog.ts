import type { ComponentChildren, VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "./html.ts";
import { ErrorPanel } from "./error_panel.ts";
import { useAction } from "./task.ts";

/** A question that is asked before something is done. */
export interface ConfirmProps {
  /** The question. */
  readonly title: string;
  /** Explains the consequences. */
  readonly children?: ComponentChildren;
  /** The word on the button that does it. */
  readonly verb: string;
  /** A text that has to be typed before it can be done: a tag's name. */
  readonly typed?: string;
  /** The tag whose token may be asked for. */
  readonly tag?: string;
  /** True if something is lost by it. */
  readonly isDanger?: boolean;
  /** Does it; the dialog shows what it fails with. */
  readonly act: (signal: AbortSignal) => Promise<void>;
  /** Called when the dialog is closed, done or not. */
  readonly close: () => void;
}

/** A dialog over the page. Escape closes it, and the focus goes back to where it was. */
export function Dialog(
  { title, close, children }: { title: string; close: () => void; children?: ComponentChildren },
): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  return html`
    <dialog ref=${dialog} aria-label=${title} onClose=${close}>
      <h2>${title}</h2>
      ${children}
    </dialog>
  `;
}

/** Asks before something is done; what cannot be undone wants a name typed. */
export function Confirm({ title, children, verb, typed, tag, isDanger, act, close }: ConfirmProps): VNode {
  const [text, setText] = useState("");
  const action = useAction(async (signal) => {
    await act(signal);
    close();
  });
  const submit = (event: Event) => {
    event.preventDefault();
    if (typed === undefined || text === typed) action.run();
  };
  return html`
    <${Dialog} title=${title} close=${close}>
      <form onSubmit=${submit}>
        ${children}
        ${typed !== undefined && html`
          <label><span>To be sure, type <code>${typed}</code></span>
            <input autocomplete="off" spellcheck=${false} value=${text}
              onInput=${(event: InputEvent) => setText((event.target as HTMLInputElement).value)} />
          </label>
        `}
        ${action.error !== undefined &&
          html`<${ErrorPanel} doing=${`Cannot ${verb.toLowerCase()}`} error=${action.error} tag=${tag} access="write" again=${action.run} />`}
        <div class="buttons">
          <button type="button" onClick=${close}>Cancel</button>
          <button class=${isDanger ? "danger" : "primary"} disabled=${action.isRunning ||
            (typed !== undefined && text !== typed)}>
            ${action.isRunning ? "…" : verb}
          </button>
        </div>
      </form>
      <//>
  `;
}
