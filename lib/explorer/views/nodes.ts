import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { GcResult, NodeInfo } from "../../../mod.ts";
import { client, home, mayWrite, reader } from "../parts/client.ts";
import { Confirm } from "../parts/dialog.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { count, counted, size } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { Progress } from "../parts/progress.ts";
import { useAction, useTask } from "../parts/task.ts";

/** Milliseconds that a node may take to answer, and between two looks. */
const PATIENCE = 2500;
const EVERY = 10_000;

/** The answer of a node, as far as it is known. */
type Answers = "asked" | "yes" | "no";

/** The nodes: how full they are, which of them are dead, and the collection of garbage. */
export function Nodes(): VNode {
  const { value: nodes, error, isRunning, again } = useTask((signal) => reader.nodes({ signal }), []);
  const [answers, setAnswers] = useState<ReadonlyMap<string, Answers>>(new Map());
  useEffect(() => {
    // What has never been there is asked for by who is told so.
    if (isRunning || nodes === undefined) return;
    const next = setTimeout(again, EVERY);
    return () => clearTimeout(next);
  }, [isRunning]);
  useEffect(() => {
    const abort = new AbortController();
    for (const { name } of nodes ?? []) {
      answersOf(name, abort.signal).then((answer) => {
        if (!abort.signal.aborted) setAnswers((before) => new Map(before).set(name, answer));
      });
    }
    return () => abort.abort();
  }, [nodes]);
  // What is in memory has no room to tell of.
  const isKnown = nodes?.some(({ free }) => free > 0);
  return html`
    <h1>Nodes</h1>
    ${error !== undefined && html`<${ErrorPanel} doing="Cannot ask for the nodes" error=${error} again=${again} />`}
    ${nodes === undefined ? error === undefined && html`<${Progress} label="Asking the master" />` : html`
      <${Total} nodes=${nodes} answers=${answers} />
      <div class="panel table" tabindex="0" role="region" aria-label="Nodes">
        <table>
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">State</th>
              <th scope="col">Used</th>
              <th scope="col">Free</th>
              <th scope="col">Full</th>
            </tr>
          </thead>
          <tbody>${nodes.map((node) =>
            html`<${Row} key=${node.name} node=${node} isKnown=${isKnown} answer=${
              answers.get(node.name) ?? "asked"
            } />`
          )}</tbody>
        </table>
      </div>
    `}
    ${mayWrite && html`<${Collection} />`}
  `;
}

/** Shows how full a node is. */
function Meter({ name, share }: { name: string; share: number }): VNode {
  const percent = `${Math.round(100 * share)} %`;
  return html`
    <meter min="0" max="1" low="0.8" high="0.95" optimum="0" value=${share} aria-label=${`${name} is full by`} /> ${percent}
  `;
}

function Total({ nodes, answers }: { nodes: readonly NodeInfo[]; answers: ReadonlyMap<string, Answers> }): VNode {
  const dead = nodes.filter((node) => stateOf(node, answers.get(node.name)) === "dead").length;
  return html`
    <p class="said"><span>${counted(nodes.length, "node")}</span>
      ${dead > 0 && html`<strong class="bad">${count(dead)} dead</strong>`}</p>
  `;
}

function Row({ node, answer, isKnown }: { node: NodeInfo; answer: Answers; isKnown: boolean | undefined }): VNode {
  const { name, used, free } = node;
  const state = stateOf(node, answer);
  return html`
    <tr class=${state}>
      <th scope="row">${name}</th>
      <td><span class=${`state ${state}`}>${WORDS[state]}<span class="why">${REASONS[state]}</span></span></td>
      <td>${size(used)}</td>
      ${isKnown
        ? html`
          <td>${size(free)}</td>
          <td>
            <${Meter} name=${name} share=${used + free > 0 ? used / (used + free) : 0} />
          </td>
        `
        : html`
          <td class="soft">not said</td>
          <td></td>
        `}
    </tr>
  `;
}

type State = "alive" | "dead" | "resting" | "asked";

const WORDS: Readonly<Record<State, string>> = {
  alive: "alive",
  dead: "dead",
  resting: "blacklisted",
  asked: "…",
};

const REASONS: Readonly<Partial<Record<State, string>>> = {
  dead: ": it does not answer",
  resting: ": it gets no new blobs",
};

function stateOf({ connected, blacklisted }: NodeInfo, answer: Answers = "asked"): State {
  if (!connected || answer === "no") return "dead";
  if (blacklisted) return "resting";
  return answer === "yes" ? "alive" : "asked";
}

/** Asks a node itself: its master may take minutes until it knows of a death. Whatever it says, it lives. */
async function answersOf(node: string, signal: AbortSignal): Promise<Answers> {
  try {
    const { status, body } = await fetch(`${home}/proxy/${encodeURIComponent(node)}/GET/ddfs/`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
    await body?.cancel();
    return [502, 504].includes(status) ? "no" : "yes";
  } catch {
    return "no";
  }
}

/** Collects what no tag holds, and says what it found. */
function Collection(): VNode {
  const [isAsked, setAsked] = useState(false);
  const [status, setStatus] = useState("");
  const [result, setResult] = useState<GcResult>();
  const collecting = useAction(async (signal) => {
    setResult(undefined);
    setStatus("");
    setResult(await (await client()).gc({ signal, onProgress: ({ status }) => setStatus(status) }));
  });
  return html`
    <h2>Collection</h2>
    <p>Deletes blobs that no tag holds, once they are old enough (five days, if nobody changed that), and what is left of
      deleted tags. A Disco cluster does so by itself, once a day; a DDFS that is embedded waits to be told.</p>
    ${collecting.isRunning
      ? html`
        <${Progress} label=${status || "Collecting"} stop=${collecting.stop} />
        <p class="soft">To stop is to wait no longer: it goes on by itself.</p>
      `
      : html`<div class="buttons"><button class="primary" onClick=${() => setAsked(true)}>Collect now</button></div>`}
    ${collecting.error !== undefined &&
      html`<${ErrorPanel} doing="Cannot collect" access="write" error=${collecting.error} again=${collecting.run} />`}
    ${result !== undefined && html`<${Collected} result=${result} />`}
    ${isAsked && html`
      <${Confirm} title="Collect now?" verb="Collect" close=${() => setAsked(false)} act=${() =>
        Promise.resolve(collecting.run())}>
        <p>What is deleted is gone for good. Uploads under way are spared.</p>
        <//>
    `}
  `;
}

function Collected({ result: { tags, blobs } }: { result: GcResult }): VNode {
  const cells = ({ objects, bytes }: GcResult["tags"]["kept"]) =>
    html`
      <td>${count(objects)}</td>
      <td>${size(bytes)}</td>
    `;
  return html`
    <div class="panel table" role="status">
      <table>
        <thead>
          <tr>
            <th scope="col">Found</th>
            <th scope="col">Kept</th>
            <th scope="col">Bytes</th>
            <th scope="col">Deleted</th>
            <th scope="col">Bytes</th>
          </tr>
        </thead>
        <tbody>
          <tr><th scope="row">Tags</th>${cells(tags.kept)}${cells(tags.deleted)}</tr>
          <tr><th scope="row">Blobs</th>${cells(blobs.kept)}${cells(blobs.deleted)}</tr>
        </tbody>
      </table>
    </div>
  `;
}
