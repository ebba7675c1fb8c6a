/// <reference lib="dom" />
// A page that stores a file in a DDFS twice, as it is and in chunks, and reads both back.
//   index.html[?master=http://host:8989]     (without one: the page's own origin)
import { codecName, DDFS, type Progress } from "@ddfs/client";

const master = new URLSearchParams(location.search).get("master") ?? location.origin;
const ddfs = new DDFS(master, {
  onEvent({ type }) {
    if (type === "fallback") codec.textContent = `${codecName()} codec in one thread`;
  },
});

const [drop, input, steps, verdict] = [
  element("drop", HTMLLabelElement),
  element("file", HTMLInputElement),
  element("steps", HTMLOListElement),
  element("verdict", HTMLParagraphElement),
];
element("master", HTMLSpanElement).textContent = new URL(master).host;
const codec = element("codec", HTMLSpanElement);
codec.textContent = `${codecName()} codec`;

input.addEventListener("change", () => store(input.files?.[0]));
for (const name of ["dragover", "dragleave", "drop"] as const) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name === "drop") store(event.dataTransfer?.files[0]);
  });
}

async function store(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  steps.replaceChildren();
  steps.hidden = false;
  say("", "");
  try {
    const expected = await digest(await file.arrayBuffer());
    const tag = `page:${crypto.randomUUID()}`;

    await step("Stored as it is", (onProgress) => ddfs.push(`${tag}:file`, [file], { onProgress }));
    await step("Stored in chunks", (onProgress) => ddfs.chunk(`${tag}:lines`, [file], { onProgress }));
    const parts: BlobPart[] = [];
    const count = await step("Read back", async (onProgress) => {
      let records = 0;
      for await (const batch of ddfs.recordBatches(`tag://${tag}:lines`, { onProgress })) {
        parts.push(...batch as Uint8Array<ArrayBuffer>[]);
        records += batch.length;
      }
      return records;
    });
    const whole: string[] = [];
    for await (const blob of ddfs.pull(`${tag}:file`)) whole.push(await digest(await blob.bytes()));

    const same = whole[0] === expected && await digest(await new Blob(parts).arrayBuffer()) === expected;
    const found = `${count.toLocaleString("en")} ${count === 1 ? "record" : "records"}`;
    say(same ? `Identical: ${found}, SHA-256 ${expected.slice(0, 12)}…` : "Not what was stored", same ? "good" : "bad");
    for (const part of ["file", "lines"]) await ddfs.delete(`${tag}:${part}`);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), "bad");
  }
}

/** Does some work with a progress bar. */
async function step<T>(title: string, work: (onProgress: (progress: Progress) => void) => Promise<T>): Promise<T> {
  const [line, name, size, bar] = ["li", "span", "span", "progress"].map((tag) => document.createElement(tag));
  if (!(bar instanceof HTMLProgressElement) || !line || !name || !size) throw new TypeError("no progress bars here");
  name.textContent = title;
  size.className = "size";
  bar.setAttribute("aria-label", title);
  line.append(name, size, bar);
  steps.append(line);
  bar.value = 0;
  const result = await work(({ bytesIn, bytesOut, total }) => {
    if (total !== undefined) Object.assign(bar, { max: Math.max(total, 1), value: bytesIn });
    size.textContent = bytesOut === bytesIn || bytesOut === 0
      ? bytes(bytesIn)
      : `${bytes(bytesIn)} as ${bytes(bytesOut)}`;
  });
  Object.assign(bar, { max: 1, value: 1 });
  return result;
}

function bytes(size: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const power = Math.min(Math.floor(Math.log10(Math.max(size, 1)) / 3), units.length - 1);
  const format = { style: "unit", unit: units[power] ?? "byte", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat("en", format).format(size / 1000 ** power);
}

function say(text: string, judgement: string): void {
  verdict.textContent = text;
  verdict.className = judgement;
}

async function digest(bytes: BufferSource): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function element<T extends HTMLElement>(id: string, type: { new (): T }): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new TypeError(`the page has no #${id}`);
}
