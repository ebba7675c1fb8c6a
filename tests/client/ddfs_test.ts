import { embedded } from "../../lib/embedded/mod.ts";
import { describeClient } from "../master/behaviour.ts";

for (const nodes of [1, 3]) {
  const { fetch, master } = embedded({ nodes });
  describeClient({ title: `an embedded DDFS of ${nodes === 1 ? "one node" : `${nodes} nodes`}`, master, fetch, nodes });
}
