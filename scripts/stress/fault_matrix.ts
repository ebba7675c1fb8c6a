// Prints the table of what each operation comes to under each fault, as the README shows it.
//   deno run -A scripts/stress/fault_matrix.ts
import { type Fault, FAULTS, REACHES } from "../../tests/faults/faults.ts";
import { type Cell, expected, injectedCell, socketCell } from "../../tests/faults/matrix.ts";
import { OPERATIONS } from "../../tests/faults/operations.ts";
import { progressBar } from "../shared/progress_bar.ts";

const total = OPERATIONS.length * FAULTS.length * REACHES.length * 2;
const bar = progressBar("Matrix", total, "cells");
const cells: Cell[] = [];
const unexpected: string[] = [];
for (const operation of OPERATIONS) {
  for (const run of [injectedCell, socketCell]) {
    const work = FAULTS.flatMap((fault) => REACHES.map((reach) => run(operation, fault, reach)));
    for (const cell of await Promise.all(work)) {
      cells.push(cell);
      const wanted = expected(operation, cell.fault, cell.reach);
      if (cell.outcome !== wanted) {
        unexpected.push(`${operation.name}, ${cell.fault}, ${cell.reach}: ${cell.outcome}, not ${wanted}`);
      }
      bar.update(cells.length);
    }
  }
}
bar.stop();

/** Operations whose cells are the same share a column. */
const columns = new Map<string, string[]>();
for (const { name } of OPERATIONS) {
  const column = FAULTS.map((fault) => cellOf(name, fault)).join("\n");
  columns.set(column, [...columns.get(column) ?? [], name]);
}
console.log(`| | ${[...columns.values()].map((names) => names.join(", ")).join(" | ")} |`);
console.log(`|---|${"---|".repeat(columns.size)}`);
FAULTS.forEach((fault, row) => {
  console.log(`| ${fault} | ${[...columns.keys()].map((column) => column.split("\n")[row]).join(" | ")} |`);
});
const most = (values: number[]) => Math.round(Math.max(...values)).toLocaleString("en");
console.log(`
${cells.length} cells: ${FAULTS.length} faults, ${OPERATIONS.length} operations, at one request or node / at all, over an injected fetch and over real
sockets. ✓ is the right result, a word the \`code\` of the error, ✗ what no client can see: DDFS has no checksum of a blob that is no chunk, and
exists() believes a 404. In JSON, which has no checksum either, the byte that flips leaves ASCII, and so is seen. At most ${
  most(cells.map(({ requests }) => requests))
} requests and ${most(cells.map(({ milliseconds }) => milliseconds))} ms an operation, with a time-out of 300 ms.`);
for (const line of unexpected) console.error(`Unexpected: ${line}`);
if (unexpected.length > 0) Deno.exitCode = 1;

function cellOf(operation: string, fault: Fault): string {
  const [one, all] = REACHES.map((reach) => {
    const found = cells.filter((cell) => cell.operation === operation && cell.fault === fault && cell.reach === reach);
    return [...new Set(found.map(({ outcome }) => shown(outcome)))].join(", ");
  });
  return one === all ? `${one}` : `${one} / ${all}`;
}

function shown(outcome: string): string {
  return outcome === "right" ? "✓" : outcome === "wrong" ? "✗" : outcome;
}
