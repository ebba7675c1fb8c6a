import { Component, type ComponentChildren, type VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { mayWrite } from "./parts/client.ts";
import { Dialog } from "./parts/dialog.ts";
import { followDrops } from "./parts/dropped_files.ts";
import { ErrorPanel, TokenField } from "./parts/error_panel.ts";
import { html } from "./parts/html.ts";
import { Loaded } from "./parts/loaded.ts";
import { BASE, go, href, usePlace } from "./parts/router.ts";
import { commonToken, keepToken } from "./parts/tokens.ts";
import { VIEWS } from "./routes.ts";

/** The page: its head with the navigation, and the view that the address names. */
export function App(): VNode {
  const place = usePlace();
  const [name = ""] = place.path;
  const view = Object.hasOwn(VIEWS, name) ? VIEWS[name] : undefined;
  const title = [view?.isDeep ? place.path[1] : view?.title ?? "Not found", "DDFS"].join(" · ");
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const tag = name === "tag" ? place.path[1] : undefined;
  useEffect(() => followDrops(() => go(href.upload(tag))), [tag]);
  useEffect(() => {
    document.title = title;
    // What reads the page aloud begins with the new view; at first the browser does that by itself.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [title]);
  return html`
    <a class="skip" href="#main">Skip to the content</a>
    <header>
      <a class="brand" href=${href.tags()}><${Mark} />DDFS</a>
      <nav aria-label="Views">
        ${Object.entries(VIEWS).filter(([, { isDeep, writes }]) => !isDeep && (mayWrite || !writes)).map((
          [path, { title }],
        ) =>
          html`
            <a href=${BASE + path} aria-current=${path === (name === "tag" ? "tags" : name)
              ? "page"
              : undefined}>${title}</a>
          `
        )}
      </nav>
      <${TokenButton} />
    </header>
    <main id="main" tabindex="-1" ref=${main}>
      <${Boundary} key=${place.path.join("/")}>
        ${view === undefined ? html`<${NotFound} />` : html`<${Loaded} view=${view} place=${place} />`}
      <//>
    </main>
  `;
}

/** The mark of the page: blobs on nodes. */
function Mark(): VNode {
  return html`
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path d="M12 3v9m0 0-7 6m7-6 7 6" class="lines" />
      <circle cx="12" cy="4.5" r="3" />
      <circle cx="4.5" cy="18.5" r="3" />
      <circle cx="19.5" cy="18.5" r="3" />
      <circle cx="12" cy="12.5" r="2" />
    </svg>
  `;
}

function TokenButton(): VNode {
  const [isOpen, setOpen] = useState(false);
  const has = commonToken() !== undefined;
  const close = () => setOpen(false);
  const forget = () => {
    keepToken("");
    close();
  };
  return html`
    <button class="quiet token" onClick=${() => setOpen(true)}>${has ? "Token ✓" : "Token"}</button>
    ${isOpen && html`
      <${Dialog} title="Token" close=${close}>
        <p>Opens protected tags, and what only an administrator may do. It is kept until this tab is closed, and sent to this
          DDFS only.</p>
        <${TokenField} label="Token for all tags" onKept=${close} />
        <div class="buttons">
          ${has && html`<button onClick=${forget}>Forget it</button>`}
          <button onClick=${close}>Cancel</button>
        </div>
        <//>
    `}
  `;
}

function NotFound(): VNode {
  return html`
    <section class="empty">
      <h1>Nothing is here</h1>
      <p>The address names no view. <a href=${href.tags()}>All tags</a></p>
    </section>
  `;
}

/** Shows what went wrong in a view, in its place; the rest of the page goes on. */
class Boundary extends Component<{ children?: ComponentChildren }, { error?: unknown }> {
  static override getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ComponentChildren {
    if (!("error" in this.state)) return this.props.children;
    return html`<${ErrorPanel} doing="This view has failed" error=${this.state.error} again=${() =>
      location.reload()} />`;
  }
}
