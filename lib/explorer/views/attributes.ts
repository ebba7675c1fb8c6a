import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { client, mayWrite, reader } from "../parts/client.ts";
import { Confirm } from "../parts/dialog.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { count } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { keepToken } from "../parts/tokens.ts";
import { useAction } from "../parts/task.ts";
import type { TagViewProps } from "../parts/view.ts";
import { problemOfName, withEndsOf } from "./attribute_names.ts";

/** An attribute that is being written, and whether it is there already. */
interface Draft {
  readonly name: string;
  readonly value: string;
  readonly isNew: boolean;
}

/** The most attributes that are shown at a time. */
const MOST = 50;

/** The attributes of a tag: they can be added, changed and deleted, and its tokens set. */
export function Attributes({ tag, found, refresh }: TagViewProps): VNode {
  const [draft, setDraft] = useState<Draft>();
  const [deleted, setDeleted] = useState<string>();
  const saving = useAction(async (signal, { name, value, isNew }: Draft) => {
    if (isNew) {
      // Others add attributes, too.
      const { userData } = await reader.get(tag, { signal });
      const problem = problemOfName(name, userData);
      if (problem !== undefined) throw new Error(problem);
    }
    await (await client()).setattr(tag, name, value, { signal });
    setDraft(undefined);
    refresh();
  });
  const form = draft && html`
    <${AttributeForm}
      draft=${draft}
      known=${found.userData}
      isSaving=${saving.isRunning}
      save=${saving.run}
      cancel=${() => setDraft(undefined)}
    />
  `;
  const all = Object.entries(found.userData);
  const [first, setFirst] = useState(0);
  const entries = all.slice(first, first + MOST);
  return html`
    <div class="scroll">
      ${all.length === 0 && draft === undefined && html`<p class="none">The tag has no attributes.</p>`}
      <ul class="attributes">
        ${entries.map(([name, value]) =>
          draft?.name === name && !draft.isNew ? html`<li key=${name}>${form}</li>` : html`
            <li key=${name}>
              <span class="name">${name}</span>
              <span class="value">${value}</span>
              ${mayWrite && html`
                <span class="buttons">
                  <button class="quiet" aria-label=${`Edit ${name}`} onClick=${() =>
                    setDraft({ name, value, isNew: false })}>
                    Edit
                  </button>
                  <button class="quiet danger" aria-label=${`Delete ${name}`} onClick=${() =>
                    setDeleted(name)}>Delete</button>
                </span>
              `}
            </li>
          `
        )}
        ${draft?.isNew && html`<li>${form}</li>`}
      </ul>
      ${all.length > MOST && html`
        <div class="buttons">
          <button disabled=${first === 0} onClick=${() => setFirst(first - MOST)}>Before</button>
          <span class="soft" role="status">${count(first + 1)} to ${count(first + entries.length)} of ${count(
            all.length,
          )}</span>
          <button disabled=${first + MOST >= all.length} onClick=${() => setFirst(first + MOST)}>Next</button>
        </div>
      `}
      ${saving.error !== undefined && html`
        <${ErrorPanel} doing="Cannot write the attribute" error=${saving.error} tag=${tag} access="write" />
      `}
      ${mayWrite && draft === undefined && html`
        <button onClick=${() => setDraft({ name: "", value: "", isNew: true })}>Add an attribute</button>
      `}
      ${mayWrite && html`<${Protection} tag=${tag} refresh=${refresh} />`}
    </div>
    ${deleted !== undefined && html`
      <${Confirm}
        title=${`Delete the attribute ${deleted}?`}
        verb="Delete"
        tag=${tag}
        isDanger
        act=${async (signal: AbortSignal) => {
          await (await client()).delattr(tag, deleted, { signal });
          refresh();
        }}
        close=${() => setDeleted(undefined)}
      />
    `}
  `;
}

/** The properties of the fields for one attribute. */
interface FormProps {
  readonly draft: Draft;
  /** The attributes that there are. */
  readonly known: Readonly<Record<string, string>>;
  readonly isSaving: boolean;
  readonly save: (draft: Draft) => void;
  readonly cancel: () => void;
}

function AttributeForm({ draft, known, isSaving, save, cancel }: FormProps): VNode {
  const [name, setName] = useState(draft.name);
  const [value, setValue] = useState(draft.value);
  const problem = draft.isNew ? problemOfName(name, known) : undefined;
  const submit = (event: Event) => {
    event.preventDefault();
    if (problem === undefined && !isSaving) save({ ...draft, name, value });
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape") cancel();
    // Enter alone begins a line.
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  };
  return html`
    <form class="line" onSubmit=${submit} onKeyDown=${press}>
      ${draft.isNew && html`
        <label>Name
          <input autofocus required spellcheck=${false} value=${name} aria-invalid=${problem !== undefined}
            aria-describedby="name-problem" onInput=${into(setName)} />
        </label>
      `}
      <label class="wide">${draft.isNew ? "Value" : `Value of ${name}`}
        <textarea autofocus=${!draft.isNew} spellcheck=${false} value=${value} rows=${Math.min(
          value.split("\n").length,
          12,
        )} onInput=${into((text) => setValue(withEndsOf(draft.value, text)))} />
      </label>
      <button class="primary" disabled=${isSaving}>Save</button>
      <button type="button" onClick=${cancel}>Cancel</button>
      <span id="name-problem" class="problem" role="alert">${problem}</span>
    </form>
  `;
}

/** Sets and removes the tokens that a tag asks for. */
function Protection({ tag, refresh }: { tag: string; refresh: () => void }): VNode {
  const [asked, setAsked] = useState<"read" | "write">();
  const [token, setToken] = useState("");
  const close = () => {
    setAsked(undefined);
    setToken("");
  };
  const save = async (signal: AbortSignal) => {
    const ddfs = await client();
    const name = `ddfs:${asked}-token`;
    if (token === "") await ddfs.delattr(tag, name, { signal });
    else await ddfs.setattr(tag, name, token, { signal });
    // Whoever has protected a tag goes on with it.
    if (token !== "") keepToken(token, tag, asked);
    refresh();
  };
  return html`
    <h2>Protection</h2>
    <p class="soft">A tag may ask for a token to be read, and to be written. Tokens are never shown.</p>
    <div class="buttons">
      <button onClick=${() => setAsked("read")}>Token to read …</button>
      <button onClick=${() => setAsked("write")}>Token to write …</button>
    </div>
    ${asked && html`
      <${Confirm} title=${`Token to ${asked} the tag`} tag=${tag} verb=${token === ""
        ? "Remove it"
        : "Set it"} act=${save} close=${close}>
        <label>Token; with nothing here, the tag asks for none
          <input type="password" autocomplete="new-password" value=${token} onInput=${into(setToken)} />
        </label>
        <//>
    `}
  `;
}

function into(set: (text: string) => void): (event: InputEvent) => void {
  return (event) => set((event.target as HTMLInputElement).value);
}
