import type { VNode } from "preact";
import { useCallback, useState } from "preact/hooks";
import type { Replicas } from "../../../mod.ts";
import { type BlobPage, NoSuchPage, pagesOf } from "../parts/blob_pages.ts";
import { blobOf, nameOf, reader, tagOf } from "../parts/client.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { count, counted, size } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { Progress } from "../parts/progress.ts";
import { RecordList } from "../parts/record_list.ts";
import { go, href, type Query } from "../parts/router.ts";
import { saveBlob } from "../parts/save.ts";
import { useAction, useTask } from "../parts/task.ts";
import type { TagViewProps } from "../parts/view.ts";
import { Found } from "./records_found.ts";

/** A blob of a tag, or of a tag that it links to. */
interface Holding {
  readonly tag: string;
  readonly replicas: Replicas;
}

/** Blobs after which a walk through many tags shows what it has. */
const SOME = 200;

/** The records of a tag: a hunk at a time, or those that a filter finds. */
export function Records({ tag, place }: TagViewProps): VNode {
  const { query } = place;
  const filter = query.get("filter") ?? "";
  const isRegExp = query.has("regexp");
  return html`
    <${FilterForm} key=${`${filter} ${isRegExp}`} tag=${tag} filter=${filter} isRegExp=${isRegExp} />
    ${filter === "" ? html`<${Blobs} tag=${tag} query=${query} />` : !(isRegExp && problemOf(filter)) &&
      html`<${Found} key=${`${tag} ${filter} ${isRegExp}`} tag=${tag} filter=${filter} isRegExp=${isRegExp} query=${query} />`}
  `;
}

function FilterForm({ tag, filter, isRegExp }: { tag: string; filter: string; isRegExp: boolean }): VNode {
  const [text, setText] = useState(filter);
  const [isPattern, setPattern] = useState(isRegExp);
  const problem = isPattern ? problemOf(text) : undefined;
  const submit = (event: Event) => {
    event.preventDefault();
    if (problem === undefined) {
      go(href.tag(tag, "records", { filter: text, regexp: isPattern && text !== "" ? 1 : undefined }));
    }
  };
  return html`
    <form class="bar filter" role="search" onSubmit=${submit}>
      <label class="wide">Filter
        <input type="search" value=${text} placeholder="a text that records have" spellcheck=${false}
          aria-invalid=${problem !== undefined} aria-describedby="filter-problem"
          onInput=${(event: InputEvent) => setText((event.target as HTMLInputElement).value)} />
      </label>
      <label class="check"><input type="checkbox" checked=${isPattern} onChange=${() =>
        setPattern(!isPattern)} />Regular expression</label>
      <button class="primary">Find</button>
      ${filter !== "" && html`<a class="button quiet" href=${href.tag(tag, "records")}>All records</a>`}
      <span id="filter-problem" class="problem" role="alert">${problem}</span>
    </form>
  `;
}

/** Says what is wrong with a regular expression. */
function problemOf(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The blobs behind a tag, one at a time. */
function Blobs({ tag, query }: { tag: string; query: URLSearchParams }): VNode {
  const { value: found, error, isRunning, again } = useTask<readonly Holding[]>(async (signal, show) => {
    const found: Holding[] = [];
    for await (const { path, blobs } of holdings(tag, signal)) {
      for (const replicas of blobs) {
        const amount = found.push({ tag: path, replicas });
        if (amount === 1 || amount % SOME === 0) show([...found]);
      }
    }
    return found;
  }, [tag]);
  if (error !== undefined) {
    return html`<${ErrorPanel} doing="Cannot read the tag" error=${error} tag=${tagOf(error, tag)} again=${again} />`;
  }
  const number = query.get("blob") === "last" ? (found?.length ?? 0) - 1 : wholeNumber(query.get("blob"), 0);
  const holding = found?.[number];
  if (holding !== undefined && found !== undefined && !(isRunning && query.get("blob") === "last")) {
    const key = holding.replicas.join(" ");
    return html`
      <${BlobRecords} key=${key} tag=${tag} holding=${holding} number=${number} blobs=${found.length}
        isMore=${isRunning}
        query=${query} />
    `;
  }
  if (isRunning) {
    return html`<${Progress} label=${
      found === undefined ? "Reading the tag" : `${counted(found.length, "blob")} so far`
    } />`;
  }
  if (found?.length === 0) {
    return html`
      <section class="empty">
        <h2>No records</h2>
        <p>Neither this tag nor one that it links to has a blob. <a href=${href.upload(tag)}>Upload files to it</a></p>
      </section>
    `;
  }
  return html`
    <section class="empty">
      <h2>There is no blob ${count(number + 1)}</h2>
      <p>There are ${count(found?.length ?? 0)}. <a href=${href.tag(tag, "records")}>Begin with the first</a></p>
    </section>
  `;
}

async function* holdings(
  tag: string,
  signal: AbortSignal,
): AsyncGenerator<{ path: string; blobs: readonly Replicas[] }> {
  const onMissing = (path: string[], error: Error) => {
    if (path.length === 1) throw error;
  };
  for await (const { path, blobs } of reader.walk(tag, { signal, onMissing })) {
    yield { path: nameOf(path.at(-1) ?? tag), blobs };
  }
}

interface BlobRecordsProps {
  readonly tag: string;
  readonly holding: Holding;
  /** Which of the blobs it is, and how many there are. */
  readonly number: number;
  readonly blobs: number;
  /** True while more of them may come. */
  readonly isMore: boolean;
  readonly query: URLSearchParams;
}

/** A part of a blob: the records of a hunk, or lines of what is no chunk. */
function BlobRecords({ tag, holding, number, blobs, isMore, query }: BlobRecordsProps): VNode {
  const { replicas } = holding;
  const at = query.get("at") === "last" ? -1 : wholeNumber(query.get("at"), 0);
  const [found, setFound] = useState<{ hunks: number; bytes: number }>();
  const { value, error, isRunning, again } = useTask<BlobPage | NoSuchPage>(async (signal) => {
    setFound(undefined);
    try {
      return await pagesOf(replicas).page(at, signal, (hunks, bytes) => setFound({ hunks, bytes }));
    } catch (error) {
      if (error instanceof NoSuchPage) return error;
      throw error;
    }
  }, [replicas, at]);
  const saving = useAction((signal) => saveBlob(replicas, signal));
  const page = value instanceof NoSuchPage ? undefined : value;
  const to = (query: Query) => href.tag(tag, "records", query);
  const open = query.get("record");
  const onOpen = useCallback((record: number | undefined) => {
    go(
      to({
        blob: number || undefined,
        at: query.get("at") ?? undefined,
        record: record === undefined ? undefined : record + 1,
      }),
      { replace: true },
    );
  }, [tag, number, at]);
  const part = page?.form === "chunk" || page === undefined ? "hunk" : "part";
  return html`
    <${Steps} to=${to} number=${number} blobs=${blobs} isMore=${isMore} page=${page} at=${at}
      part=${part} />
    <div class="bar said">
      <strong>${blobOf(replicas[0] ?? "")}</strong>
      ${holding.tag !== tag && html`<span>of <a href=${href.tag(holding.tag)}>${holding.tag}</a></span>`}
      ${page !== undefined && html`<span>${size(page.size)}</span><span>${formOf(page)}</span>`}
      <button onClick=${() => saving.run()} disabled=${saving.isRunning}>${saving.isRunning ? "…" : "Download"}</button>
    </div>
    ${saving.error !== undefined &&
      html`<${ErrorPanel} doing="Cannot download the blob" error=${saving.error} again=${saving.run} />`}
    ${error !== undefined &&
      html`<${ErrorPanel} doing=${`Cannot read this ${part}`} error=${error} tag=${tag} again=${again} />`}
    ${isRunning &&
      html`<${Progress} label=${
        found === undefined ? "Reading" : `Looking for the hunk: ${counted(found.hunks, "hunk")} so far`
      } done=${found?.bytes} />`}
    ${page !== undefined && page.damaged.length > 0 && html`
      <p class="note bad" role="status">Damaged, and read from another replica: ${page.damaged.join(", ")}.${" "}
        <a href=${href.tag(tag, "blobs")}>Verify the tag</a></p>
    `}
    ${value instanceof NoSuchPage && html`<${Beyond} count=${value.count} part=${part} to=${to} blob=${number} />`}
    ${page !== undefined && !isRunning && html`
      <${RecordList} key=${page.range.join()} label=${page.form === "bytes"
        ? "Bytes"
        : page.form === "text"
        ? "Lines"
        : "Records"}
        records=${page.records} open=${open === null ? undefined : wholeNumber(open, 1) - 1} onOpen=${onOpen} />
    `}
  `;
}

function formOf({ form, records, range }: BlobPage): string {
  const bytes = `bytes ${count(range[0])} to ${count(range[1])}`;
  if (form === "chunk") return `${counted(records.length, "record")} in ${bytes}`;
  return form === "text" ? `no chunk, but text: ${bytes}` : `neither chunk nor text: ${bytes}`;
}

interface StepsProps {
  readonly to: (query: Query) => string;
  readonly number: number;
  readonly blobs: number;
  readonly isMore: boolean;
  readonly page: BlobPage | undefined;
  readonly at: number;
  readonly part: string;
}

/** The ways to other parts of the blob, and to other blobs. */
function Steps({ to, number, blobs, isMore, page, at, part }: StepsProps): VNode {
  const current = page?.number ?? Math.max(at, 0);
  const isLast = page?.count === undefined ? at < 0 : current >= page.count - 1;
  const before = current > 0
    ? to({ blob: number, at: current - 1 })
    : number > 0
    ? to({ blob: number - 1, at: "last" })
    : undefined;
  const after = !isLast
    ? to({ blob: number, at: current + 1 })
    : number + 1 < blobs
    ? to({ blob: number + 1 })
    : undefined;
  const link = (label: string, address: string | undefined) =>
    html`<a class="button" href=${address} aria-disabled=${address === undefined} role="link">${label}</a>`;
  return html`
    <nav class="bar steps" aria-label="Parts">
      ${link("First", before && to({}))}
      ${link("Previous", before)}
      <${Jump} label="Blob" value=${number + 1} of=${count(blobs) + (isMore ? " so far" : "")} go=${(n: number) =>
        go(to({ blob: n - 1 }))} />
      <${Jump} label=${part === "hunk" ? "Hunk" : "Part"} value=${current + 1} of=${page && partsOf(page)}
        go=${(n: number) => go(to({ blob: number, at: n - 1 }))} />
      ${link("Next", after)}
      ${link("Last", after === undefined && !isMore ? undefined : to({ blob: "last", at: "last" }))}
    </nav>
  `;
}

/** Says how many parts there are; until that is known, about how many, as the first ones are. */
function partsOf({ count: parts, number, size, range }: BlobPage): string {
  return parts === undefined
    ? `about ${count(Math.max(number + 2, Math.round(size * (number + 1) / range[1])))}`
    : count(parts);
}

/** A field with a number to go to. */
function Jump(
  { label, value, of, go }: { label: string; value: number; of: string | undefined; go: (n: number) => void },
): VNode {
  const change = (event: Event) => {
    const field = event.target as HTMLInputElement;
    // What is no number of a part gets the nearest one.
    const n = Math.max(1, Math.trunc(Number(field.value)) || 1);
    field.value = String(n);
    if (n !== value) go(n);
  };
  return html`
    <label class="jump">${label}
      <input type="number" min="1" value=${value} onChange=${change} />${of !== undefined &&
        html`<span>of ${of}</span>`}
    </label>
  `;
}

/** Says that a blob has no such part. */
function Beyond(
  { count: parts, part, to, blob }: { count: number; part: string; to: StepsProps["to"]; blob: number },
): VNode {
  return html`
    <section class="empty">
      <h2>${parts === 0 ? "The blob is empty" : `There is no such ${part}`}</h2>
      ${parts > 0 &&
        html`<p>The blob has ${counted(parts, part)}. <a href=${to({ blob, at: "last" })}>Go to the last</a></p>`}
    </section>
  `;
}

function wholeNumber(text: string | null, least: number): number {
  return text !== null && /^\d{1,15}$/.test(text) ? Math.max(Number(text), least) : least;
}
