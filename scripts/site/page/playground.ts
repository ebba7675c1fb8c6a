/// <reference lib="dom" />
// The playground: examples to run and to change. What is written runs in a frame of its own, made anew for each run.
import hljs from "highlight.js/lib/core";
import typescript from "highlight.js/lib/languages/typescript";
import type { Said } from "./said.ts";
import { packed, unpacked } from "./shared_code.ts";

hljs.registerLanguage("typescript", typescript);

const code = element("code", HTMLTextAreaElement);
const shown = element("shown", HTMLElement);
const output = element("output", HTMLElement);
const examples = element("examples", HTMLSelectElement);
const note = element("note", HTMLElement);
const [run, stop, share] = ["run", "stop", "share"].map((id) => element(id, HTMLButtonElement)) as [
  HTMLButtonElement,
  HTMLButtonElement,
  HTMLButtonElement,
];

/** The frame in which code runs, while it does. */
let frame: HTMLIFrameElement | undefined;

run.addEventListener("click", () => void start());
stop.addEventListener("click", () => ended("stopped"));
share.addEventListener("click", () => void shareCode());
examples.addEventListener("change", () => {
  history.replaceState(null, "", `#example=${examples.value}`);
  write(chosen());
});
code.addEventListener("input", () => show());
code.addEventListener("scroll", () => {
  const { parentElement: behind } = shown;
  if (behind !== null) [behind.scrollTop, behind.scrollLeft] = [code.scrollTop, code.scrollLeft];
});
code.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    void start();
  }
});
globalThis.addEventListener("message", ({ source, data }: MessageEvent<Said>) => {
  if (frame === undefined || source !== frame.contentWindow) return;
  if (data.kind === "ready") frame.contentWindow?.postMessage(frame.dataset.code, "*");
  else if (data.kind === "done") ended(`ran in ${data.milliseconds} ms`);
  else print(data.kind, data.text);
});
globalThis.addEventListener("hashchange", () => void open());
await open();

/** Shows what the address names: an example, or code that somebody has shared. */
async function open(): Promise<void> {
  const { code: shared, example } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  if (shared !== undefined) {
    const text = await unpacked(shared).catch(() => undefined);
    if (text !== undefined) {
      write(text);
      note.textContent = "This code came with the link. Read it before you run it.";
      return;
    }
    note.textContent = "The link is damaged: this is an example.";
  }
  if ([...examples.options].some(({ value }) => value === example)) examples.value = example ?? "";
  write(chosen());
}

function chosen(): string {
  return examples.selectedOptions[0]?.dataset.code ?? "";
}

function write(text: string): void {
  ended("");
  code.value = text;
  output.replaceChildren();
  code.scrollTop = 0;
  show();
}

/** Marks the words of the code behind the text that is edited. */
function show(): void {
  // A last line that is empty has no height otherwise.
  shown.innerHTML = `${hljs.highlight(code.value, { language: "typescript" }).value}\n`;
}

async function start(): Promise<void> {
  ended("");
  output.replaceChildren();
  note.textContent = "running …";
  let script: string;
  try {
    const { transform } = await import("sucrase");
    script = transform(code.value, { transforms: ["typescript"], disableESTransforms: true }).code;
  } catch (error) {
    print("error", error instanceof Error ? error.message : String(error));
    note.textContent = "";
    return;
  }
  [run.disabled, stop.disabled] = [true, false];
  frame = document.createElement("iframe");
  // Without the site's origin: what is shared can reach nothing of it.
  frame.sandbox.add("allow-scripts");
  frame.src = "frame.html";
  frame.title = "Where the code runs";
  frame.hidden = true;
  frame.dataset.code = script;
  document.body.append(frame);
}

function ended(how: string): void {
  frame?.remove();
  frame = undefined;
  [run.disabled, stop.disabled] = [false, true];
  note.textContent = how;
}

function print(kind: "log" | "error", text: string): void {
  const line = document.createElement("span");
  line.className = kind;
  line.textContent = `${text}\n`;
  output.append(line);
}

async function shareCode(): Promise<void> {
  history.replaceState(null, "", `#code=${await packed(code.value)}`);
  try {
    await navigator.clipboard.writeText(location.href);
    note.textContent = "The link is copied.";
  } catch {
    note.textContent = "The address of this page is the link.";
  }
}

function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new TypeError(`the page has no ${id}`);
  return found;
}
