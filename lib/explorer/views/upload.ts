import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { isTag, type Progress as Uploading, safeName } from "../../../mod.ts";
import { blobOf, client, isLink, mayWrite, reader } from "../parts/client.ts";
import { Dialog } from "../parts/dialog.ts";
import { type ChosenFile, filesOf, onDropped } from "../parts/dropped_files.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { count, counted, size } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { Progress } from "../parts/progress.ts";
import { href } from "../parts/router.ts";
import { forget } from "../parts/tag_facts.ts";
import { useAction } from "../parts/task.ts";
import type { ViewProps } from "../parts/view.ts";
import { type RowProps, VirtualList } from "../parts/virtual_list.ts";
import { numbered, sharedNames } from "./upload_names.ts";

/** The form in which files are stored: as they are, or their lines as records in compressed chunks. */
type Way = "push" | "chunk";

/** A file with the name that its blobs get. */
interface Item extends ChosenFile {
  readonly name: string;
}

/** Names that files would have, and blobs have already; or that several of the files would have. */
interface Question {
  readonly taken: ReadonlySet<string>;
  readonly items: readonly Item[];
  readonly isShared: boolean;
}

const UNCHANGED = "The tag is as it was: what was stored is in no tag, and is collected later.";
const UNSURE = "The tag may have them: look at it before you try again.";

/** Stores files in a tag. */
export function Upload({ place }: ViewProps): VNode {
  const [tag, setTag] = useState(place.query.get("tag") ?? "");
  const [way, setWay] = useState<Way>("push");
  const [items, setItems] = useState<readonly Item[]>([]);
  const [question, setQuestion] = useState<Question>();
  const [sent, setSent] = useState<readonly Item[]>([]);
  const [progress, setProgress] = useState<Uploading>();
  const [done, setDone] = useState<{ tag: string; files: number; blobs: number }>();
  const isNamed = isTag(tag) && /^[\w@:-]{1,234}$/.test(tag);
  const add = (files: readonly ChosenFile[]) => {
    setDone(undefined);
    setItems((before) => [...before, ...files.map((file) => ({ ...file, name: safeName(file.path) }))]);
  };
  const choosing = useAction(async (_signal, files: Promise<readonly ChosenFile[]>) => add(await files));
  const storing = useAction(async (signal, chosen: readonly Item[], all: readonly Item[] = chosen) => {
    setQuestion(undefined);
    setSent(chosen);
    setProgress(undefined);
    setDone(undefined);
    const ddfs = await client();
    let blobs = 0;
    if (chosen.length > 0) {
      const sources = chosen.map(({ file, name }) => [file, name] as const);
      const stored = await ddfs[way](tag, sources, { signal, onProgress: setProgress });
      blobs = stored.blobs.length;
    }
    forget(tag);
    // What was dropped meanwhile is for the next one.
    setItems((now) => now.slice(all.length));
    setDone({ tag, files: chosen.length, blobs });
  });
  const checking = useAction(async (signal, items: readonly Item[]) => {
    setQuestion(undefined);
    const names = items.map(({ name }) => name);
    const shared = sharedNames(names);
    if (shared.size > 0) return setQuestion({ taken: shared, items, isShared: true });
    const taken = await namesOf(tag, signal);
    const known = new Set(names.filter((name) => taken.has(storedName(name, way))));
    if (known.size === 0) storing.run(items);
    else setQuestion({ taken: known, items, isShared: false });
  });
  const check = () => checking.run(items);
  const number = () => {
    const names = numbered(items.map(({ name }) => name));
    const own = items.map((item, i) => ({ ...item, name: names[i] ?? item.name }));
    setItems(own);
    checking.run(own);
  };
  const isBusy = storing.isRunning || checking.isRunning;
  useWarning(storing.isRunning);
  // Progress comes often, and changes none of the rows.
  const chosen = useMemo(
    () => html`<${Files} items=${items} total=${sizeOf(items)} isBusy=${isBusy} set=${setItems} />`,
    [items, isBusy],
  );
  const total = sizeOf(sent);
  // Then the tag is next.
  const isNearDone = progress !== undefined && progress.blobs >= sent.length && progress.bytesIn >= total;
  const submit = (event: Event) => {
    event.preventDefault();
    check();
  };
  useEffect(() => onDropped(choosing.run), []);
  if (!mayWrite) {
    return html`
      <section class="empty">
        <h1>Upload</h1>
        <p>Nothing can be changed here.</p>
      </section>
    `;
  }
  return html`
    <h1>Upload</h1>
    <form class="upload" onSubmit=${submit}>
      <div class="line">
        <label class="wide">Tag
          <input required value=${tag} disabled=${isBusy} spellcheck=${false} autocomplete="off" placeholder="data:logs"
            aria-invalid=${tag !== "" && !isNamed} aria-describedby="tag-problem"
            onInput=${(event: InputEvent) => setTag((event.target as HTMLInputElement).value.trim())} />
        </label>
        <span id="tag-problem" class="problem" role="alert">${tag !== "" && !isNamed &&
          "1 to 234 of A-Z a-z 0-9 _ - @ :, and not -"}</span>
      </div>
      <fieldset disabled=${isBusy}>
        <legend>Store</legend>
        <label class="check"><input type="radio" name="way" checked=${way === "push"} onChange=${() =>
          setWay("push")} />Files as they are</label>
        <label class="check"><input type="radio" name="way" checked=${way === "chunk"} onChange=${() =>
          setWay("chunk")} />Their lines as records, compressed</label>
      </fieldset>
      <${DropZone} add=${add} isBusy=${isBusy} />
      ${choosing.error !== undefined &&
        html`<${ErrorPanel} doing="Cannot read what was dropped" error=${choosing.error} />`}
      ${items.length > 0 && chosen}
      ${checking.error !== undefined &&
        html`<${ErrorPanel} doing="Cannot read the tag" error=${checking.error} tag=${tag} again=${check} />`}
      ${storing.error !== undefined && html`
        <${ErrorPanel} doing="Cannot store the files" error=${storing.error} tag=${tag} access="write" again=${check} />
        <p class="soft">${Object(storing.error).unconfirmed ? UNSURE : UNCHANGED}</p>
      `}
      ${storing.isStopped && html`
        <p class="note" role="status">Stopped: ${counted(progress?.blobs ?? 0, "blob")} stored. ${isNearDone
          ? UNSURE
          : UNCHANGED}</p>
      `}
      ${storing.isRunning
        ? html`<${Progress} label=${
          labelOf(progress, sent.length, total)
        } done=${progress?.bytesOut} total=${total} stop=${storing.stop} />`
        : html`<div class="buttons"><button class="primary" disabled=${!isNamed || items.length === 0 || isBusy}>
            ${items.length === 0 ? "Upload" : `Upload ${counted(items.length, "file")}`}</button></div>`}
    </form>
    ${question !== undefined &&
      html`<${Taken} question=${question} tag=${tag} store=${(chosen: readonly Item[]) =>
        storing.run(chosen, question.items)} number=${number} close=${() => setQuestion(undefined)} />`}
    ${done !== undefined && html`
      <p class="note" role="status">${done.files === 0
        ? "Nothing was stored."
        : `${counted(done.files, "file")} stored in ${counted(done.blobs, "blob")}.`}
        <a href=${href.tag(done.tag)}>${done.tag}</a></p>
    `}
  `;
}

function sizeOf(items: readonly Item[]): number {
  return items.reduce((sum, { file }) => sum + file.size, 0);
}

function labelOf(progress: Uploading | undefined, files: number, total: number): string {
  if (progress === undefined) return `Storing ${counted(files, "file")}`;
  return `${size(progress.bytesIn)} of ${size(total)} read, ${counted(progress.blobs, "blob")} stored`;
}

/** The names of a tag's own blobs. */
async function namesOf(tag: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  try {
    const urls = await reader.urls(tag, { signal });
    return new Set(urls.flatMap(([url = ""]) => isLink(url) ? [] : [blobOf(url)]));
  } catch (error) {
    if (Object(error).code === "not-found") return new Set();
    throw error;
  }
}

/** The name of the first blob that a file becomes. */
function storedName(name: string, way: Way): string {
  return way === "push" ? name : `${name}-0`;
}

/** Asks before the page is left while files are stored. */
function useWarning(isRunning: boolean): void {
  useEffect(() => {
    if (!isRunning) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isRunning]);
}

interface DropZoneProps {
  readonly add: (files: readonly ChosenFile[]) => void;
  readonly isBusy: boolean;
}

/** Takes files and folders that are chosen, and shows where some may be dropped; the page takes these anywhere. */
function DropZone({ add, isBusy }: DropZoneProps): VNode {
  const [isOver, setOver] = useState(false);
  const change = (event: Event) => {
    const field = event.target as HTMLInputElement;
    if (field.files !== null) add(filesOf(field.files));
    // The same file may be chosen once more.
    field.value = "";
  };
  return html`
    <div class=${`drop${isOver ? " over" : ""}`} onDragOver=${() => setOver(true)} onDragLeave=${() =>
      setOver(false)} onDrop=${() => setOver(false)}>
      <p>Drop files and folders here</p>
      <label class="button">Choose files<input type="file" multiple disabled=${isBusy} onChange=${change} /></label>
      <label
        class="button">Choose a folder<input type="file" webkitdirectory disabled=${isBusy} onChange=${change} /></label>
    </div>
  `;
}

interface FilesProps {
  readonly items: readonly Item[];
  readonly total: number;
  readonly isBusy: boolean;
  readonly set: (items: readonly Item[]) => void;
}

/** The files that were chosen, and the names that their blobs get. */
function Files({ items, total, isBusy, set }: FilesProps): VNode {
  const shared = useMemo(() => sharedNames(items.map(({ name }) => name)), [items]);
  const row = (index: number, props: RowProps) => {
    const item = items[index];
    return html`
      <div ...${props} class="file">
        <span class="line">${item?.path}</span>
        ${item?.name !== item?.path &&
          html`<span class=${shared.has(item?.name ?? "") ? "bad" : "soft"}>as ${item?.name}</span>`}
        <span class="soft">${size(item?.file.size ?? 0)}</span>
      </div>
    `;
  };
  return html`
    <div class="panel chosen">
      <div class="bar said">
        <span>${counted(items.length, "file")}</span><span>${size(total)}</span>
        <button type="button" disabled=${isBusy} onClick=${() => set([])}>Clear</button>
      </div>
      <${VirtualList} label="Files" role="list" count=${items.length} rowHeight=${32} row=${row} />
    </div>
  `;
}

interface TakenProps {
  readonly question: Question;
  readonly tag: string;
  readonly store: (items: readonly Item[]) => void;
  /** Gives files of one name numbers. */
  readonly number: () => void;
  readonly close: () => void;
}

/** Asks what to do with files whose names are taken, or the same. */
function Taken({ question: { taken, items, isShared }, tag, store, number, close }: TakenProps): VNode {
  const names = [...taken];
  const shown = names.slice(0, 5).join(", ") + (names.length > 5 ? " …" : "");
  if (isShared) {
    return html`
      <${Dialog} title="Several files would get one name" close=${close}>
        <p>Names have only A-Z a-z 0-9 _ - @ :, so some are the same now: ${shown}. With numbers, they are ${names[0]},
          ${" "}${names[0]}_2 and so on.</p>
        <div class="buttons">
          <button type="button" onClick=${close}>Cancel</button>
          <button type="button" class="primary" onClick=${number}>Number them</button>
        </div>
        <//>
    `;
  }
  const left = items.filter(({ name }) => !taken.has(name));
  return html`
    <${Dialog} title=${names.length === 1
      ? "The name is taken"
      : `${count(names.length)} names are taken`} close=${close}>
      <p>${tag} has ${names.length === 1 ? "a blob" : "blobs"} of that name already: ${shown}.
        Blobs are never overwritten: stored once more, both are there, and the newer one is found first.</p>
      <div class="buttons">
        <button type="button" onClick=${close}>Cancel</button>
        <button type="button" onClick=${() => store(left)}>${left.length === 0
          ? "Leave them"
          : `Only the other ${count(left.length)}`}</button>
        <button type="button" class="primary" onClick=${() => store(items)}>Store all</button>
      </div>
      <//>
  `;
}
