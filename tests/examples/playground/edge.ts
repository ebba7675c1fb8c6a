// A gateway for the edge
import { DDFS } from "@ddfs/client";
import { embedded } from "@ddfs/client/embedded";
import { gateway } from "@ddfs/client/gateway";

const { fetch, master } = embedded();
await new DDFS(master, { fetch }).push("site:pages", [[new Blob(["<h1>Hello</h1>"]), "index_html"]]);

// In a Worker: export default { fetch: (request, env, context) => gateway({ ... }).fetch(request, context) }
const site = gateway({ master, fetch, tags: ["site:"] });
async function show(path: string, headers: Record<string, string> = {}) {
  const answer = await site.fetch(new Request(`https://example.org${path}`, { headers }));
  console.log(`${answer.status} ${path} ${await answer.text()}`.trim());
  return answer;
}

const whole = await show("/blob/site:pages/index_html");
await show("/blob/site:pages/index_html", { range: "bytes=4-8" });
await show("/blob/site:pages/index_html", { "if-none-match": whole.headers.get("etag") ?? "" });
await show("/tag/private:plans");
console.log(whole.headers.get("content-type"));

// Prints:
// 200 /blob/site:pages/index_html <h1>Hello</h1>
// 206 /blob/site:pages/index_html Hello
// 304 /blob/site:pages/index_html
// 404 /tag/private:plans There is no such tag or blob here.
// text/html; charset=utf-8
