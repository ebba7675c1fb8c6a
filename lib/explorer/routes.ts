import type { View, ViewProps } from "./parts/view.ts";
import { Tags } from "./views/tags.ts";
import { TagPage } from "./views/tag.ts";

/** The views, by the first part of the path after `/ui/`. The ways to look at one tag are in `views/tag_views.ts`. */
export const VIEWS: Readonly<Record<string, View<ViewProps>>> = {
  tags: { title: "Tags", load: () => Promise.resolve(Tags) },
  tag: { title: "Tag", load: () => Promise.resolve(TagPage), isDeep: true },
  upload: { title: "Upload", writes: true, load: async () => (await import("./views/upload.ts")).Upload },
  nodes: { title: "Nodes", load: async () => (await import("./views/nodes.ts")).Nodes },
};
