import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { ErrorCode } from "../../client/reader.ts";
import { tagOf } from "./client.ts";
import { html } from "./html.ts";
import { known } from "./known_error.ts";
import { type Access, keepToken } from "./tokens.ts";

/** The properties of an error panel. */
export interface ErrorProps {
  /** Says what could not be done: `Cannot read the tag`. */
  readonly doing: string;
  /** The error, of this library or any other. */
  readonly error: unknown;
  /** The tag whose token may be asked for; that for all tags without one. */
  readonly tag?: string;
  /**
   * The token that may be asked for.
   *
   * @default {"read"}
   */
  readonly access?: Access;
  /** Does it once more. */
  readonly again?: () => void;
}

const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  unauthorized: "It is protected. Type the token below; it is kept until this tab is closed.",
  forbidden: "The DDFS does not allow this. Look at what was asked for, or ask its administrator.",
  "not-found": "It may have been deleted or renamed meanwhile. Look for it in the list of tags.",
  "invalid-tag": "Choose another name.",
  unreachable: "See whether the DDFS still runs, whether this machine reaches it, and at the nodes: one may be down.",
  timeout: "It takes too long. The DDFS may be busy, or a node may be down: try again, or look at the nodes.",
  "corrupt-hunk": "The data is damaged or gone. Verify the tag, to see which replicas are good.",
  "too-few-replicas": "Too few nodes can be written. Look at the nodes: one may be down or full.",
  "server-error": "The DDFS has failed at it: its log says more. A full disk and a damaged file are the usual causes.",
};
const OTHERWISE = "Try again; if it stays so, the log of the DDFS may say more.";
/** A part of the page that could not be loaded: the DDFS was updated, or has ended. */
const LOADING = /dynamically imported module|module script|Importing a module/i;

/** Says what failed, why, and what to do about it. */
export function ErrorPanel({ doing, error, tag, access, again }: ErrorProps): VNode {
  const { message, code } = known(error);
  const isLoading = LOADING.test(message);
  const advice = isLoading
    ? "A part of this page is not there any more. Load the page anew."
    : ADVICE[code === "not-found" && tagOf(error, "") === "" ? "corrupt-hunk" : code ?? "bad-answer"] ?? OTHERWISE;
  return html`
    <section class="error" role="alert">
      <h2>${doing}</h2>
      <p class="why">${message.replace(/\.?; give a token.*/s, "")}</p>
      <p>${advice}</p>
      ${code === "unauthorized" && html`<${TokenField} tag=${tag} access=${access} onKept=${again} />`}
      ${isLoading
        ? html`<button onClick=${() => location.reload()}>Load anew</button>`
        : again && code !== "unauthorized" && code !== "invalid-tag" &&
          html`<button onClick=${again}>Try again</button>`}
    </section>
  `;
}

/** The properties of a field for a token. */
export interface TokenProps {
  readonly label?: string;
  /** The tag that it opens; all tags without one. */
  readonly tag?: string;
  readonly access?: Access;
  /** Called when the token is kept. */
  readonly onKept?: () => void;
}

/** A field for a token. It is kept for the session, and never part of an address. */
export function TokenField({ label = "Token", tag, access, onKept }: TokenProps): VNode {
  const [token, setToken] = useState("");
  const keep = (event: Event) => {
    event.preventDefault();
    keepToken(token.trim(), tag, access);
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
