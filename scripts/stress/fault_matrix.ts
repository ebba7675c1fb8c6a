// Makes the table of what each operation comes to under each fault, and compares it with the one in tests/faults/README.md.
//   deno run -A scripts/stress/fault_matrix.ts [--injected] [--write]
//   (--injected: over an injected fetch alone, in seconds; --write: writes the table there)
import { type Fault, FAULTS, REACHES } from "../../tests/faults/faults.ts";
import { type Cell, expected, injectedCell, socketCell } from "../../tests/faults/matrix.ts";
import { OPERATIONS } from "../../tests/faults/operations.ts";
import { keepPart } from "../shared/made_part.ts";
import { progressBar } from "../shared/progress_bar.ts";

const perDriver = OPERATIONS.length * FAULTS.length * REACHES.length;
const drivers = Deno.args.includes("--injected") ? [injectedCell] : [injectedCell, socketCell];
const total = perDriver * drivers.length;
const bar = progressBar("Matrix", total, "cells");
const cells: Cell[] = [];
const unexpected: string[] = [];
/** The most requests of an operation, where the clock is injected too and nothing depends on the machine. */
let mostRequests = 0;
for (const operation of OPERATIONS) {
  for (const run of drivers) {
    const work = FAULTS.flatMap((fault) => REACHES.map((reach) => run(operation, fault, reach)));
    for (const cell of await Promise.all(work)) {
      cells.push(cell);
      if (run === injectedCell) mostRequests = Math.max(mostRequests, cell.requests);
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
const lines = [
  `| | ${[...columns.values()].map((names) => names.join(", ")).join(" | ")} |`,
  `|---|${"---|".repeat(columns.size)}`,
  ...FAULTS.map((fault, row) =>
    `| ${fault} | ${[...columns.keys()].map((column) => column.split("\n")[row]).join(" | ")} |`
  ),
  "",
  `${
    2 * perDriver
  } cells: ${FAULTS.length} faults, ${OPERATIONS.length} operations, at one request or node and at all of them, over an injected fetch and over real sockets. At most ${mostRequests} requests an operation.`,
];
const table = lines.join("\n");
console.log(table);
for (const line of unexpected) console.error(`Unexpected: ${line}`);
const command = "deno run -A scripts/stress/fault_matrix.ts";
const isKept = await keepPart(
  { path: "tests/faults/README.md", name: "matrix", command },
  table,
  Deno.args.includes("--write"),
);
if (unexpected.length > 0 || !isKept) Deno.exitCode = 1;

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
