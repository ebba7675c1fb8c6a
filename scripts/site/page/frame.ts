/// <reference lib="dom" />
// Runs the code that the playground sends, as a module, and tells what it prints.
import { inspected } from "./inspected.ts";
import type { Said } from "./said.ts";

const say = (said: Said) => parent.postMessage(said, "*");
const texts = (values: readonly unknown[]) =>
  values.map((value) => typeof value === "string" ? value : inspected(value)).join(" ");

for (const name of ["log", "info", "debug", "table"] as const) {
  console[name] = (...values: unknown[]) => say({ kind: "log", text: texts(values) });
}
for (const name of ["warn", "error"] as const) {
  console[name] = (...values: unknown[]) => say({ kind: "error", text: texts(values) });
}
addEventListener("error", ({ error, message }) => say({ kind: "error", text: error ? inspected(error) : message }));
addEventListener("unhandledrejection", ({ reason }) => say({ kind: "error", text: inspected(reason) }));

addEventListener("message", async ({ source, data }: MessageEvent<string>) => {
  if (source !== parent) return;
  const url = URL.createObjectURL(new Blob([data], { type: "text/javascript" }));
  const began = performance.now();
  try {
    await import(url);
  } catch (error) {
    say({ kind: "error", text: inspected(error) });
  }
  say({ kind: "done", milliseconds: Math.round(performance.now() - began) });
});
say({ kind: "ready" });
