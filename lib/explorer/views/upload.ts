import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { isTag, type Progress as Uploading, safeName } from "../../../mod.ts";
import { blobOf, client, isLink, mayWrite, reader } from "../parts/client.ts";
import { Dialog } from "../parts/dialog.ts";
import { type ChosenFile, droppedFiles, filesOf } from "../parts/dropped_files.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { count, counted, size } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { Progress } from "../parts/progress.ts";
import { href } from "../parts/router.ts";
import { forget } from "../parts/tag_facts.ts";
import { useAction } from "../parts/task.ts";
import type { ViewProps } from "../parts/view.ts";
import { type RowProps, VirtualList } from "../parts/virtual_list.ts";

/** The form in which files are stored: as they are, or their lines as records in compressed chunks. */
type Way = "push" | "chunk";

/** A file with the name that its blobs get. */
interface Item extends ChosenFile {
  readonly name: string;
}

/** Names that files would have, and blobs have already. */
interface Question {
  readonly taken: ReadonlySet<string>;
  readonly items: readonly Item[];
}

/** Stores files in a tag. */
export function Upload({ place }: ViewProps): VNode {
  const [tag, setTag] = useState(place.query.get("tag") ?? "");
  const [way, setWay] = useState<Way>("push");
  const [items, setItems] = useState<readonly Item[]>([]);
  const [question, setQuestion] = useState<Question>();
  const [progress, setProgress] = useState<Uploading>();
  const [done, setDone] = useState<{ tag: string; files: number; blobs: number }>();
  const isNamed = isTag(tag) && /^[\w@:-]{1,234}$/.test(tag);
  const add = (files: readonly ChosenFile[]) => {
    setDone(undefined);
    setItems((before) => [...before, ...files.map((file) => ({ ...file, name: safeName(file.path) }))]);
  };
  const choosing = useAction(async (_signal, transfer: DataTransfer) => add(await droppedFiles(transfer)));
  const storing = useAction(async (signal, chosen: readonly Item[]) => {
    setQuestion(undefined);
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
    setItems([]);
    setDone({ tag, files: chosen.length, blobs });
  });
  const checking = useAction(async (signal) => {
    const taken = await namesOf(tag, signal);
    const known = new Set(items.filter(({ name }) => taken.has(storedName(name, way))).map(({ name }) => name));
    if (known.size === 0) storing.run(items);
    else setQuestion({ taken: known, items });
  });
  useWarning(storing.isRunning);
  const total = items.reduce((sum, { file }) => sum + file.size, 0);
  const isBusy = storing.isRunning || checking.isRunning;
  const submit = (event: Event) => {
    event.preventDefault();
    checking.run();
  };
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
      <${DropZone} add=${add} drop=${choosing.run} isBusy=${isBusy} />
      ${choosing.error !== undefined &&
        html`<${ErrorPanel} doing="Cannot read what was dropped" error=${choosing.error} />`}
      ${items.length > 0 && html`<${Files} items=${items} total=${total} isBusy=${isBusy} set=${setItems} />`}
      ${checking.error !== undefined &&
        html`<${ErrorPanel} doing="Cannot read the tag" error=${checking.error} tag=${tag} again=${checking.run} />`}
      ${storing.error !== undefined && html`
        <${ErrorPanel} doing="Cannot store the files" error=${storing.error} tag=${tag} access="write" again=${checking
          .run} />
        <p class="soft">The tag is as it was: what was stored of them is in no tag, and is collected later.</p>
      `}
      ${storing.isRunning
        ? html`<${Progress} label=${
          labelOf(progress, items.length, total)
        } done=${progress?.bytesOut} total=${total} stop=${storing.stop} />`
        : html`<div class="buttons"><button class="primary" disabled=${!isNamed || items.length === 0 || isBusy}>
            ${items.length === 0 ? "Upload" : `Upload ${counted(items.length, "file")}`}</button></div>`}
    </form>
    ${question !== undefined &&
      html`<${Taken} question=${question} tag=${tag} store=${storing.run} close=${() => setQuestion(undefined)} />`}
    ${done !== undefined && html`
      <p class="note" role="status">${done.files === 0
        ? "Nothing was stored."
        : `${counted(done.files, "file")} stored in ${counted(done.blobs, "blob")}.`}
        <a href=${href.tag(done.tag)}>${done.tag}</a></p>
    `}
  `;
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
  readonly drop: (transfer: DataTransfer) => void;
  readonly isBusy: boolean;
}

/** Takes files and folders that are dropped, or chosen. */
function DropZone({ add, drop, isBusy }: DropZoneProps): VNode {
  const [isOver, setOver] = useState(false);
  const over = (event: DragEvent) => {
    event.preventDefault();
    setOver(!isBusy);
  };
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!isBusy && event.dataTransfer !== null) drop(event.dataTransfer);
  };
  const change = (event: Event) => {
    const field = event.target as HTMLInputElement;
    if (field.files !== null) add(filesOf(field.files));
    // The same file may be chosen once more.
    field.value = "";
  };
  return html`
    <div class=${`drop${isOver ? " over" : ""}`} onDragOver=${over} onDragLeave=${() =>
      setOver(false)} onDrop=${dropped}>
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
  const row = (index: number, props: RowProps) => {
    const item = items[index];
    return html`
      <div ...${props} class="file">
        <span class="line">${item?.path}</span>
        ${item?.name !== item?.path && html`<span class="soft">as ${item?.name}</span>`}
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
  readonly close: () => void;
}

/** Asks what to do with files whose names are taken. */
function Taken({ question: { taken, items }, tag, store, close }: TakenProps): VNode {
  const names = [...taken];
  const left = items.filter(({ name }) => !taken.has(name));
  return html`
    <${Dialog} title=${names.length === 1
      ? "The name is taken"
      : `${count(names.length)} names are taken`} close=${close}>
      <p>${tag} has ${names.length === 1 ? "a blob" : "blobs"} of that name already: ${names.slice(0, 5).join(
        ", ",
      )}${names.length > 5 ? " …" : ""}.
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
