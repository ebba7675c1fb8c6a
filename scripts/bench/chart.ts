// Named here and not in deno.json: a first run of anything would resolve their forty dependencies.
// deno-lint-ignore no-import-prefix
import { barY, frame, plot, text } from "npm:@observablehq/plot@0.6.17";
// deno-lint-ignore no-import-prefix
import { DOMParser } from "npm:linkedom@0.18.12";
import { type Measured, speedOf } from "./table.ts";

/** What is drawn: disciplines, and their contenders by the names in the legend. */
const DISCIPLINES = ["deflate", "inflate", "lines to hunks", "hunks to lines"];
const CONTENDERS: Readonly<Record<string, readonly string[]>> = {
  "@ddfs/client": ["wasm"],
  "native zlib": ["zlib level 2", "zlib, large chunkSize", "js split, zlib level 2", "zlib, js scan to places"],
  "CompressionStream": ["CompressionStream", "DecompressionStream"],
  "its fflate engine": ["js (fflate)", "js"],
};
const COLORS = ["#2563eb", "#94a3b8", "#cbd5e1", "#f59e0b"];

const WIDTH = 900;

interface Bar {
  readonly discipline: string;
  readonly corpus: string;
  readonly contender: string;
  readonly speed: number;
}

/**
 * Draws how fast the codec is beside what else there is.
 *
 * @param measured What the benchmark found.
 * @param runtime Where.
 * @returns An SVG file.
 */
export function chartOf(measured: readonly Measured[], runtime: string): string {
  const document = new DOMParser().parseFromString("<html></html>", "text/html");
  const bars = DISCIPLINES.flatMap((discipline) =>
    measured.filter((one) => one.discipline === discipline && one.corpus !== "noise").flatMap(barsOf)
  );
  const corpora = [...new Set(bars.map(({ corpus }) => corpus))];
  const svg = plot({
    // linkedom's document, where the types want a browser's.
    document: document as never,
    width: WIDTH,
    height: 660,
    marginTop: 60,
    marginLeft: 50,
    marginRight: 110,
    marginBottom: 20,
    style: { fontFamily: "system-ui, sans-serif", fontSize: "12px", background: "white", color: "#0f172a" },
    x: { axis: null, domain: Object.keys(CONTENDERS) },
    y: { label: null, grid: true, ticks: 4, nice: true },
    fx: { label: null, padding: 0.15, axis: "top", domain: corpora },
    fy: { label: null, domain: DISCIPLINES },
    color: { domain: Object.keys(CONTENDERS), range: COLORS },
    marks: [
      frame({ stroke: "#e2e8f0" }),
      barY(bars, { x: "contender", y: "speed", fx: "corpus", fy: "discipline", fill: "contender" }),
      text(bars, {
        ...{ x: "contender", y: "speed", fx: "corpus", fy: "discipline", dy: -6, fontSize: 9 },
        text: speedText,
      }),
    ],
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("role", "img");
  svg.insertAdjacentHTML("beforeend", legend(`MB/s of text, one thread, ${runtime}`));
  return svg.outerHTML + "\n";
}

/** The title and what the colours mean, above the plot. */
function legend(title: string): string {
  const names = Object.keys(CONTENDERS);
  const items = names.map((name, i) => {
    const x = 300 + i * (WIDTH - 300) / names.length;
    return `<rect x="${x}" y="10" width="12" height="12" fill="${COLORS[i]}"></rect><text x="${
      x + 17
    }" y="20">${name}</text>`;
  });
  return `<g fill="#0f172a" font-size="11" text-anchor="start"><text x="12" y="20" font-weight="bold">${title}</text>${
    items.join("")
  }</g>`;
}

function speedText({ speed }: Bar): string {
  return speed.toFixed(0);
}

function barsOf(column: Measured): Bar[] {
  const { discipline, corpus, standings } = column;
  return Object.entries(CONTENDERS).flatMap(([contender, names]) =>
    standings.filter(({ name }) => names.includes(name)).slice(0, 1)
      .map((standing) => ({ discipline, corpus, contender, speed: speedOf(column, standing) }))
  );
}
