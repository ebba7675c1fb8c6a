import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { html } from "./html.ts";
import { keepToken } from "./tokens.ts";

/** The properties of an error panel. */
export interface ErrorProps {
  /** Says what could not be done: `Cannot read the tag`. */
  readonly doing: string;
  /** The error, of this library or any other. */
  readonly error: unknown;
  /** The tag whose token may be asked for. */
  readonly tag?: string;
  /** Does it once more. */
  readonly again?: () => void;
}

/** The known parts of an error: those of the library have a code. */
interface Known {
  readonly message: string;
  readonly code?: string;
}

const ADVICE: Readonly<Record<string, string>> = {
  unauthorized: "The tag is protected. Type its token below; it is kept until this tab is closed.",
  forbidden: "The DDFS does not allow this here. An administrator's token may be wanted.",
  "not-found": "It may have been deleted or renamed meanwhile. Look for it in the list of tags.",
  network: "The DDFS does not answer. See whether it still runs, and whether this machine reaches it.",
  timeout: "The DDFS takes too long. It may be busy, or a node may be down: try again, or look at the nodes.",
  conflict: "Somebody else has changed it at the same moment. Read it anew, and decide again.",
  "no-replica": "None of the nodes that hold it answers. Look at the nodes: one may be down.",
  "corrupt-hunk": "The data is damaged in every replica. Verify the tag, to see which replicas are good.",
};
const OTHERWISE = "Try again; if it stays so, the log of the DDFS may say more.";
/** A part of the page that could not be loaded: the DDFS was updated, or has ended. */
const LOADING = /dynamically imported module|module script|Importing a module/i;

/** Says what failed, why, and what to do about it. */
export function ErrorPanel({ doing, error, tag, again }: ErrorProps): VNode {
  const { message, code = "" } = known(error);
  const isLoading = LOADING.test(message);
  const advice = isLoading
    ? "A part of this page is not there any more. Load the page anew."
    : ADVICE[code] ?? OTHERWISE;
  return html`
    <section class="error" role="alert">
      <h2>${doing}</h2>
      <p class="why">${message}</p>
      <p>${advice}</p>
      ${code === "unauthorized" && html`<${TokenField} tag=${tag} onKept=${again} />`}
      ${isLoading
        ? html`<button onClick=${() => location.reload()}>Load anew</button>`
        : again && code !== "unauthorized" && html`<button onClick=${again}>Try again</button>`}
    </section>
  `;
}

/** Gives what an error says, whatever was thrown. */
export function known(error: unknown): Known {
  return error instanceof Error ? error : { message: String(error) };
}

/** A field for a token. It is kept for the session, and never part of an address. */
export function TokenField(
  { tag, onKept, label = "Token" }: { tag?: string; onKept?: () => void; label?: string },
): VNode {
  const [token, setToken] = useState("");
  const keep = (event: Event) => {
    event.preventDefault();
    keepToken(token.trim(), tag);
    onKept?.();
  };
  return html`
    <form class="line" onSubmit=${keep}>
      <label>${label}
        <input type="password" autocomplete="off" required value=${token}
          onInput=${(event: InputEvent) => setToken((event.target as HTMLInputElement).value)} />
      </label>
      <button class="primary">Use it</button>
    </form>
  `;
}
