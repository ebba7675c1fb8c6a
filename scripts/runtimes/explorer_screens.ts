import axe from "axe-core";
import { type Behaviour, ensure, faults, seen } from "./explorer_steps.ts";

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
  ["/ui/tag/data:numbers?view=records&filter=7777", "that is all"],
  ["/ui/tag/data:secret", "Token"],
  ["/ui/tag/nothing:here", "Try again"],
  ["/ui/upload?tag=data:new", "Choose files"],
  ["/ui/nodes", "dead"],
  ["/ui/nowhere", "Nothing is here"],
];

/** The rules of axe that depend on colours: nothing else is different in the dark. */
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

/** Tests of all screens. */
export const onScreens: readonly Behaviour[] = [
  {
    title: "axe finds nothing on any screen, in light and in dark where the browser can be told",
    async run(tab, { origin }) {
      const found: string[] = [];
      for (const [path, text] of SCREENS) {
        await tab.goto(origin + path);
        await seen(tab, text);
        const here = await faults(tab, axe.source);
        if (tab.prefer !== undefined) {
          await tab.prefer("dark");
          here.push(...await faults(tab, axe.source, OF_COLOURS));
          await tab.prefer("light");
        }
        found.push(...here.map((fault) => `${path}: ${fault}`));
      }
      ensure(found.length === 0, found.join("\n"));
    },
  },
];
