import { MARKUP } from "../../tests/explorer/fixture.ts";
import { files } from "./explorer_files.ts";
import { type Behaviour, ensure, fill, press, seen, served, until } from "./explorer_steps.ts";

/** Requests that change something, or make work. */
const CHANGES = [
  ["POST", "/ddfs/tag/foreign"],
  ["PUT", "/ddfs/tag/foreign"],
  ["DELETE", "/ddfs/tag/data:numbers"],
  ["GET", "/ddfs/ctrl/gc_start"],
] as const;

/** Tests of what the page is safe against. */
export const defences: readonly Behaviour[] = [
  {
    title: "a protected tag asks for its token, which is kept for the session, and in no address",
    async run(tab, { origin, requests }) {
      requests.length = 0;
      // A tag that anybody may read, with a link to one that is protected.
      await tab.goto(`${origin}/ui/tag/graph:locked?view=records`);
      await fill(tab, "main input[type=password]", "s3cret");
      await tab.press("Enter");
      await seen(tab, "hidden");
      await tab.reload();
      await seen(tab, "hidden");
      await tab.goto(`${origin}/ui/tag/data:secret?view=records`);
      await seen(tab, "hidden");
      ensure(!(await tab.evaluate<string>("location.href")).includes("s3cret"), "the token is in the address");
      ensure(requests.every((request) => !request.includes("s3cret")), "the token is in an address");
    },
  },
  {
    title: "what is markup in names, attributes, records and addresses is shown as text",
    async run(tab, { origin }) {
      for (
        const [path, text] of [
          ["/ui/tag/data:hostile?view=attributes", MARKUP],
          ["/ui/tag/data:hostile?view=records&record=1", MARKUP],
          ["/ui/tag/data:hostile?view=records&filter=%3Cimg", MARKUP],
          ["/ui/tag/data:files?view=records&record=1", MARKUP],
          ["/ui/tag/javascript:alert?view=blobs", "example.com"],
          ["/ui/tag/__proto__?view=graph", "data:numbers"],
          [`/ui/tag/${encodeURIComponent(MARKUP)}`, MARKUP],
          [`/ui/tags?prefix=${encodeURIComponent(MARKUP)}`, ""],
        ] as const
      ) {
        await tab.goto(origin + path);
        await seen(tab, text);
        // The policy would let none of it run; it must not be there at all.
        const made = await tab.evaluate<number>(`document.querySelectorAll("main :is(img, script, iframe)").length`);
        ensure(made === 0, `${path} has made ${made} elements`);
        ensure(!await tab.evaluate<boolean>("Boolean(window.attacked)"), `script of ${path} ran`);
        const links = await tab.evaluate<string[]>(
          `[...document.querySelectorAll("a[href]")].map((link) => String(new URL(link.getAttribute("href"), location.href)))`,
        );
        ensure(links.every((link) => link.startsWith(origin)), `links lead elsewhere: ${links}`);
      }
    },
  },
  {
    title: "a blob that is a page does not run beside this one",
    async run(tab, { origin, client }) {
      const [[url = ""] = []] = await client.urls("data:files");
      const [, , host, ...path] = url.split("/");
      await tab.goto(`${origin}/ui/tags`);
      await tab.evaluate(`(() => {
        const frame = document.createElement("iframe");
        frame.src = ${JSON.stringify(`/proxy/${host}/GET/${path.join("/")}`)};
        document.body.append(frame);
        return null;
      })()`);
      const headers = await tab.evaluate<[string, string][]>(
        `fetch(${JSON.stringify(`/proxy/${host}/GET/${path.join("/")}`)}).then(({ headers }) => [...headers])`,
      );
      const { "content-type": type, "x-content-type-options": options } = Object.fromEntries(headers);
      ensure(
        type === "application/octet-stream" && options === "nosniff",
        `its headers are ${JSON.stringify(headers)}`,
      );
      ensure(!await tab.evaluate<boolean>("Boolean(window.attacked)"), "it ran");
    },
  },
  {
    title: "the page of a foreign origin changes nothing",
    async run(tab, { origin, client }) {
      const html = "<!doctype html><title>foreign</title><form method=post></form>";
      const page = () => new Response(html, { headers: { "content-type": "text/html" } });
      await served(page, async (foreign) => {
        await tab.goto(`${foreign}/`);
        for (const [method, path] of CHANGES) {
          const mode = method === "GET" || method === "POST" ? "no-cors" : "cors";
          const init = { method, mode, ...method === "GET" ? {} : { body: "[]" } };
          await tab.evaluate(
            `fetch(${JSON.stringify(origin + path)}, ${JSON.stringify(init)}).then(() => null, () => null)`,
          );
        }
      });
      ensure(!await client.exists("foreign"), "a tag was made");
      ensure(await client.exists("data:numbers"), "a tag was deleted");
    },
  },
  {
    title: "records and uploads work where the policy forbids WebAssembly",
    async run(tab, { fetch, client, work }) {
      const strict = async (request: Request) => {
        const answer = await fetch(request);
        const headers = new Headers(answer.headers);
        const policy = headers.get("content-security-policy");
        if (policy !== null) headers.set("content-security-policy", policy.replace(" 'wasm-unsafe-eval'", ""));
        return new Response(answer.body, { status: answer.status, headers });
      };
      await served(strict, async (origin) => {
        await tab.goto(`${origin}/ui/tag/data:numbers?view=records&at=1`);
        await seen(tab, "in bytes");
        const isRefused = await tab.evaluate<boolean>(
          `WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(() => false, () => true)`,
        );
        ensure(isRefused, "WebAssembly is allowed");
        const [path = ""] = await files(work);
        await tab.goto(`${origin}/ui/upload?tag=up:strict`);
        await until(tab, `document.querySelector("input[multiple]")`);
        await tab.choose("input[multiple]", [path]);
        await press(tab, "Their lines as records, compressed");
        await press(tab, "Upload 1 file");
        await seen(tab, "1 file stored in 1 blob");
        const lines: string[] = [];
        for await (const line of client.records("tag://up:strict", { text: true })) lines.push(line);
        ensure(lines.length === 2, `${lines.length} records are stored`);
      });
    },
  },
];
