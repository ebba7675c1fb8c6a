import type { TagViewProps, View } from "../parts/view.ts";
import { Attributes } from "./attributes.ts";
import { Blobs } from "./blobs.ts";

/** The ways to look at a tag, by `?view=`; the first one is shown without it. */
export const TAG_VIEWS: Readonly<Record<string, View<TagViewProps>>> = {
  blobs: { title: "Blobs", load: () => Promise.resolve(Blobs) },
  records: { title: "Records", load: async () => (await import("./records.ts")).Records },
  graph: { title: "Links", load: async () => (await import("./graph.ts")).Graph },
  attributes: { title: "Attributes", load: () => Promise.resolve(Attributes) },
};
