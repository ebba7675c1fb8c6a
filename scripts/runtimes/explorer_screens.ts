import axe from "axe-core";
import { type Behaviour, ensure, faults, seen } from "./explorer_steps.ts";
import type { Tab } from "./tabs.ts";

/** A screen of each kind, and a text that it has when it is complete. */
export const SCREENS: readonly (readonly [path: string, text: string])[] = [
  ["/ui/tags", "10,0"],
  ["/ui/tags?prefix=data:", "data:numbers"],
  ["/ui/tag/data:files?view=blobs", "text_txt"],
  ["/ui/tag/graph:b?view=graph", "graph:c"],
  ["/ui/tag/data:hostile?view=attributes", "<img"],
  ["/ui/tag/data:numbers?view=records", "number 1 of many"],
  ["/ui/tag/data:kinds?view=records&record=2", `"ann"`],
  ["/ui/tag/data:files?view=records&blob=2", "00000010"],
  ["/ui/tag/data:numbers?view=records&filter=7777", "Read on"],
  ["/ui/tag/data:secret", "Token"],
  ["/ui/tag/nothing:here", "Try again"],
  ["/ui/upload?tag=data:new", "Choose files"],
  ["/ui/nodes", "dead"],
  ["/ui/nowhere", "Nothing is here"],
];

/** Tests of all screens. */
export const onScreens: readonly Behaviour[] = [
  {
    title: "axe finds nothing on any screen, in light and in dark where the browser can be told",
    async run(tab, { origin }, openAs) {
      if (openAs === undefined) return await checkScreens(tab, origin);
      for (const colorScheme of ["light", "dark"] as const) {
        const other = await openAs({ colorScheme });
        await checkScreens(other, origin);
        await other.close();
      }
    },
  },
];

async function checkScreens(tab: Tab, origin: string): Promise<void> {
  const found: string[] = [];
  for (const [path, text] of SCREENS) {
    await tab.goto(origin + path);
    await seen(tab, text);
    found.push(...(await faults(tab, axe.source)).map((fault) => `${path}: ${fault}`));
  }
  ensure(found.length === 0, found.join("\n"));
}
