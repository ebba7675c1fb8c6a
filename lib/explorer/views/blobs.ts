import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { ReplicaReport } from "../../../mod.ts";
import { blobOf, client, isLink, nameOf, nodeOf, reader } from "../parts/client.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { count, counted, size } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { Progress } from "../parts/progress.ts";
import { href } from "../parts/router.ts";
import { useAction } from "../parts/task.ts";
import type { TagViewProps } from "../parts/view.ts";
import { type RowProps, VirtualList } from "../parts/virtual_list.ts";
import { type Sizes, useSizes } from "./sizes.ts";

/** The findings about all replicas of a tag, and of all that it links to. */
interface Findings {
  readonly reports: ReadonlyMap<string, ReplicaReport>;
  readonly bad: readonly ReplicaReport[];
  /** The bytes that were read. */
  readonly bytes: number;
  readonly isDone: boolean;
}

/** Milliseconds between two drawings of what was found. */
const PAUSE = 150;
/** With more blobs, sizes are asked for when they are wanted: each is a request. */
const MANY = 1000;
const NONE: readonly string[][] = [];
/** The most bad replicas that are listed. */
const MOST_BAD = 20;

const WORDS = {
  good: "good",
  missing: "missing",
  corrupt: "corrupt",
  differs: "differs from the others",
  unreachable: "cannot be reached",
} as const;

/** The blobs of a tag, and on which nodes they are. Verifying reads every replica, and says which are good. */
export function Blobs({ tag, found }: TagViewProps): VNode {
  const blobs = useMemo(() => found.urls.filter(([url = ""]) => !isLink(url)), [found]);
  const [isMeasured, setMeasured] = useState(blobs.length <= MANY);
  const sizes = useSizes(isMeasured ? blobs : NONE);
  const [findings, setFindings] = useState<Findings>();
  const verifying = useAction((signal) => verify(tag, setFindings, signal));
  const row = (index: number, props: RowProps) => {
    const replicas = blobs[index] ?? [];
    return html`
      <a ...${props} class="blob" href=${href.tag(tag, "records", { blob: index })}>
        <span class="name">${blobOf(replicas[0] ?? "")}</span>
        <span class="soft number">${sizeOf(sizes, replicas)}</span>
        <span class="replicas">
          ${replicas.map((url) => html`<${Replica} url=${url} state=${findings?.reports.get(url)?.state} />`)}
        </span>
      </a>
    `;
  };
  const isSizing = isMeasured && sizes.done < blobs.length;
  return html`
    <div class="bar">
      <p class="soft">
        ${counted(blobs.length, "blob")}${isMeasured && blobs.length > 0 && `, ${size(sizes.bytes)}`}
        ${isSizing && ` (sizes of ${count(sizes.done)} so far)`}
      </p>
      <span class="space"></span>
      ${!isMeasured && html`<button onClick=${() => setMeasured(true)}>Ask for all sizes</button>`}
      ${verifying.isRunning
        ? html`<${Progress} label=${`Verifying: ${size(findings?.bytes ?? 0)} read`} stop=${verifying.stop} />`
        : html`<button onClick=${() => verifying.run()}>Verify every replica</button>`}
    </div>
    ${verifying.error !== undefined && html`
      <${ErrorPanel} doing="Cannot verify" error=${verifying.error} tag=${tag} again=${verifying.run} />
    `}
    ${findings && html`<${Verdict} findings=${findings} tag=${tag} />`}
    <${VirtualList}
      label="Blobs"
      count=${blobs.length}
      rowHeight=${40}
      row=${row}
      empty=${html`
        <p class="none">
          The tag has no blobs itself.${" "}
          ${found.urls.length > 0 && html`<a href=${href.tag(tag, "graph")}>See the tags that it links to</a>`}
        </p>
      `}
    />
  `;
}

function Replica({ url, state }: { url: string; state: ReplicaReport["state"] | undefined }): VNode {
  const word = state === undefined || state === "good" ? "" : ` ${WORDS[state]}`;
  return html`
    <span class=${`chip ${state ?? ""}`} title=${url}>${state === "good" && "✓ "}${word !== "" && "✗ "}${nodeOf(
      url,
    )}${word}</span>
  `;
}

/** Says what verifying has found. */
function Verdict({ findings: { reports, bad, isDone }, tag }: { findings: Findings; tag: string }): VNode {
  const good = reports.size - bad.length;
  return html`
    <section class=${bad.length > 0 ? "error" : "note"} role="status">
      <p>
        ${isDone ? "" : "So far: "}${count(good)} of ${counted(reports.size, "replica")} ${good === 1
          ? "is"
          : "are"} good${good > 0 && bad.length === 0 && isDone ? ", and all of a blob are alike." : "."}
      </p>
      ${bad.length > 0 && html`
        <ul>
          ${bad.slice(0, MOST_BAD).map((report) =>
            html`
              <li>
                <b>${report.blob}</b> on ${nodeOf(report.url)} ${WORDS[report.state]}
                ${nameOf(report.tag) !== tag && html`
                  in <a href=${href.tag(nameOf(report.tag))}>${nameOf(report.tag)}</a>
                `}
                <div class="soft why">${report.error?.message}</div>
              </li>
            `
          )}
        </ul>
        ${bad.length > MOST_BAD && html`<p>… and ${count(bad.length - MOST_BAD)} more.</p>`}
        <p>A blob is whole as long as one replica is good. <code>ddfs verify --repair ${tag}</code> writes the others anew.</p>
      `}
    </section>
  `;
}

function sizeOf(sizes: Sizes, [url = ""]: readonly string[]): string {
  const bytes = sizes.of.get(url);
  return bytes === undefined ? "" : size(bytes);
}

async function verify(tag: string, show: (findings: Findings) => void, signal: AbortSignal): Promise<void> {
  const reports = new Map<string, ReplicaReport>();
  const bad: ReplicaReport[] = [];
  let [bytes, shownAt] = [0, 0];
  const draw = (isDone: boolean) => {
    shownAt = performance.now();
    show({ reports, bad: [...bad], bytes, isDone });
  };
  const drawSometimes = () => {
    if (performance.now() - shownAt > PAUSE) draw(false);
  };
  // A tag that is gone has nothing to verify, which would look good.
  await reader.get(tag, { signal });
  draw(false);
  const ddfs = await client();
  const onProgress = ({ bytesIn }: { bytesIn: number }) => {
    bytes = bytesIn;
    drawSometimes();
  };
  for await (const report of ddfs.verify(tag, { signal, onProgress })) {
    reports.set(report.url, report);
    if (report.state !== "good") bad.push(report);
    drawSometimes();
  }
  draw(true);
}
