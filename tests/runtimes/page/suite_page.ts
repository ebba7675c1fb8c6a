/// <reference lib="dom" />
// Runs the golden and behaviour tests in a page, against a DDFS inside it, at its own origin, and at another one, and posts what came of them.
//   suite.html?other=http://host:port
import { describeClient } from "../../master/behaviour.ts";
import { runSuite } from "../suite.ts";

const other = new URLSearchParams(location.search).get("other") ?? "";
describeClient({ title: "a DDFS at the page's own origin", master: location.origin, nodes: 1 });
describeClient({ title: "a DDFS at another origin", master: other, nodes: 1 });

const outcome = await runSuite(({ passed, failed }) => document.title = `${passed} passed, ${failed} failed`)
  .catch((error) => ({ passed: 0, failed: 1, failures: [String(error?.stack ?? error)], codec: "", digests: {} }));
await fetch("outcome", { method: "POST", body: JSON.stringify(outcome) });
