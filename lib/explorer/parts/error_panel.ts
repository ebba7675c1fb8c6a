import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { ErrorCode } from "../../client/reader.ts";
import { tagOf } from "./client.ts";
import { html } from "./html.ts";
import { known } from "./known_error.ts";
import { BASE } from "./router.ts";
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
  unauthorized: "It is protected. Type the token below.",
  forbidden: "The DDFS does not allow this. Its administrator may say why.",
  "not-found": "It may have been deleted or renamed meanwhile. Look for it in the list of tags.",
  "invalid-tag": "Choose another name.",
  unreachable: "See whether the DDFS still runs. Look at the nodes: one may be down.",
  timeout: "The DDFS may be busy. Look at the nodes: one may be down.",
  "corrupt-hunk": "The data is damaged or gone. Verify the tag, to see which replicas are good.",
  "too-few-replicas": "Too few nodes can be written. Look at the nodes: one may be down or full.",
  "server-error": "The DDFS has failed at it: its log says more. A disk may be full, or a file damaged.",
};
const OTHERWISE = "Try again; the log of the DDFS may say more.";
/** A part of the page that could not be loaded: the DDFS was updated, or has ended. */
const LOADING = /dynamically imported module|module script|Importing a module/i;

/** Says what failed, why, and what to do about it. */
export function ErrorPanel({ doing, error, tag, access, again }: ErrorProps): VNode {
  const { message, code } = known(error);
  const isLoading = LOADING.test(message);
  const advice = isLoading
    ? "A part of this page could not be loaded. See whether the DDFS still runs."
    : ADVICE[code === "not-found" && tagOf(error, "") === "" ? "corrupt-hunk" : code ?? "bad-answer"] ?? OTHERWISE;
  return html`
    <section class="error" role="alert">
      <h2>${doing}</h2>
      <p class="why">${message.split(". Give a token")[0]}</p>
      <p>${advice}</p>
      ${code === "unauthorized" && html`<${TokenField} tag=${tag} access=${access} onKept=${again} />`}
      ${isLoading ? html`<${Reload} />` : again && code !== "unauthorized" && code !== "invalid-tag" &&
        html`<button onClick=${again}>Try again</button>`}
    </section>
  `;
}

/** Loads the page anew once its server answers: else the browser would show an error in its place. */
function Reload(): VNode {
  const [said, setSaid] = useState("");
  const load = async () => {
    setSaid("Asking …");
    const isThere = await fetch(BASE, { cache: "no-store" }).then(({ ok }) => ok, () => false);
    if (isThere) location.reload();
    else setSaid("It does not answer yet.");
  };
  return html`<button onClick=${load}>Try again</button><p role="status">${said}</p>`;
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
