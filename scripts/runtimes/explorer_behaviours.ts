import { embedded } from "../../lib/embedded/mod.ts";
import { gateway } from "../../lib/gateway/mod.ts";
import { DEAD, NUMBERS } from "../../tests/explorer/fixture.ts";
import { DROPPED, files } from "./explorer_files.ts";
import { type Behaviour, ensure, fill, press, seen, served, shows, until } from "./explorer_steps.ts";

/** The rows of the list that is seen. */
const ROWS = `document.querySelectorAll(".rows [aria-posinset]")`;

/** The field with the number of the hunk. */
const FIELD = `document.querySelector(".steps label:nth-of-type(2) input")`;

/** The views of the page. */
export const behaviours: readonly Behaviour[] = [
  {
    title: "10,000 tags are listed, at most 50 rows of them in the document, and scroll to the last",
    async run(tab, { origin, client }) {
      await tab.goto(`${origin}/ui/`);
      await seen(tab, "__proto__");
      const names = await client.list();
      const main = `document.querySelector(".rows[aria-label=Tags]")`;
      for (const part of [0, 0.5, 1]) {
        await tab.evaluate(`(${main}.scrollTop = ${part} * ${main}.scrollHeight, null)`);
        await until(
          tab,
          `[...${main}.querySelectorAll("[aria-posinset]")].some((row) => row.innerText.includes(${
            JSON.stringify(names.at(Math.min(Math.floor(part * names.length), names.length - 1)))
          }))`,
        );
        const rows = await tab.evaluate<number>(`${main}.querySelectorAll("[aria-posinset]").length`);
        ensure(rows > 5 && rows <= 50, `${rows} rows are in the document`);
      }
    },
  },
  {
    title: "the keyboard opens a tag, and the browser's button goes back",
    async run(tab, { origin }) {
      await tab.goto(`${origin}/ui/tags?prefix=data:`);
      await seen(tab, "data:numbers");
      await tab.evaluate(`document.querySelector(".rows[aria-label=Tags]").focus()`);
      await tab.press("ArrowDown");
      await tab.press("Enter");
      await until(tab, `location.pathname === "/ui/tag/data:files"`);
      await seen(tab, "text_txt");
      await tab.evaluate(`(history.back(), null)`);
      await until(tab, `location.search === "?prefix=data:"`);
    },
  },
  {
    title: "records: first, next, last, a hunk by its number; of others only headers are read, by Range",
    async run(tab, { origin, requests }) {
      requests.length = 0;
      await tab.goto(`${origin}/ui/tag/data:numbers?view=records`);
      await seen(tab, "number 1 of many");
      const rows = await tab.evaluate<number>(`${ROWS}.length`);
      ensure(rows > 5 && rows <= 50, `${rows} rows are in the document`);
      const dead = (label: string) =>
        `[...document.querySelectorAll(".steps a:not([href])")].some(({ innerText }) => innerText === "${label}")`;
      await until(tab, `${dead("First")} && ${dead("Previous")} && !${dead("Next")} && !${dead("Last")}`);
      await press(tab, "Next");
      await until(tab, `location.search.includes("at=1")`);
      await seen(tab, "in bytes");
      await press(tab, "Last");
      await until(tab, `document.querySelector(".steps").innerText.includes("of 8")`);
      await until(tab, `${dead("Next")} && ${dead("Last")} && !${dead("First")} && !${dead("Previous")}`);
      const list = `document.querySelector(".records")`;
      await until(tab, list);
      await tab.evaluate(`(${list}.scrollTop = ${list}.scrollHeight, null)`);
      await seen(tab, `number ${NUMBERS - 1} of many`);
      const place = `document.body.innerText.match(/in bytes [\\d,]+/)?.[0]`;
      const last = await tab.evaluate<string>(place);
      await fill(tab, ".steps label:nth-of-type(2) input", "4");
      await tab.press("Enter");
      await until(tab, `location.search.includes("at=3")`);
      await until(tab, `![undefined, ${JSON.stringify(last)}].includes(${place})`);
      const reads = requests.filter((request) => request.startsWith("GET /proxy/") && request.includes("/numbers-0$"));
      ensure(reads.length > 0 && reads.every((read) => read.includes("bytes=")), `read without Range: ${reads}`);
      const sizes = reads.map((read) => {
        const [, start = "", end = ""] = /bytes=(\d+)-(\d+)$/.exec(read) ?? [];
        return Number(end) - Number(start) + 1;
      });
      const large = sizes.filter((size) => size > 14);
      // The hunks that were shown: the first, the second, the last, the fourth.
      ensure(large.length === 4, `${large.length} hunks were read, of ${sizes}`);
    },
  },
  {
    title: "records: text, JSON on demand on several lines, bytes, pickled values; what is no chunk, too",
    async run(tab, { origin }) {
      await tab.goto(`${origin}/ui/tag/data:kinds?view=records`);
      for (const text of ["plain text", `b"\\x00\\xff`, `("key", 42)`, `{"name": "bob", "none": None}`, "é ünïcode"]) {
        await seen(tab, text);
      }
      await until(tab, `document.querySelector(".steps label:nth-of-type(2)").innerText.includes("of 1")`);
      await tab.click(`.records [aria-posinset="2"]`);
      await until(tab, `location.search.includes("record=2")`);
      await press(tab, "On several lines");
      await seen(tab, `  "user": "ann",`);
      await tab.goto(`${origin}/ui/tag/data:files?view=records&blob=1`);
      await seen(tab, "line 1");
      await tab.goto(`${origin}/ui/tag/data:files?view=records&blob=2`);
      await seen(tab, "00000010  10 11 12");
      await tab.goto(`${origin}/ui/tag/data:files?view=records&blob=3`);
      await seen(tab, "The blob is empty");
    },
  },
  {
    title: "records: a filter reads until it has a page of hits, says how much it read, and goes on",
    async run(tab, { origin }) {
      await tab.goto(`${origin}/ui/tag/data:numbers?view=records`);
      await fill(tab, "input[type=search]", "00 of");
      await tab.press("Enter");
      await seen(tab, "records found");
      await until(tab, `[...document.querySelectorAll("button")].some(({ innerText }) => innerText === "Read on")`);
      ensure(
        await tab.evaluate(`/read/.test(document.querySelector(".said").innerText)`),
        "it does not say how much it read",
      );
      await press(tab, "Read to the end");
      await seen(tab, "2,999 records found; 300,000 records");
      await seen(tab, "that is all");
      await tab.goto(`${origin}/ui/tag/data:numbers?view=records&filter=%5Enumber%207%20&regexp=1`);
      await seen(tab, "1 record found");
      await tab.goto(`${origin}/ui/tag/data:files?view=records&filter=line%2019999`);
      await seen(tab, "1 record found");
    },
  },
  {
    title: "records: a hit that is opened is in the address, says its blob and hunk, and leads there; Escape closes it",
    async run(tab, { origin }) {
      await tab.goto(`${origin}/ui/tag/data:numbers?view=records&filter=number%20299999&record=1`);
      await seen(tab, "number 299999 of many");
      await until(tab, `document.querySelector(".opened a")?.innerText === "Blob 1, hunk 8"`);
      await tab.evaluate(`document.querySelector(".rows").focus()`);
      await tab.press("Escape");
      await until(tab, `document.querySelector(".opened") === null && !location.search.includes("record=")`);
      await tab.click(".record");
      await until(tab, `location.search.includes("record=1")`);
      await press(tab, "Blob 1, hunk 8");
      await until(tab, `document.querySelector(".steps")?.innerText.includes("of 8")`);
      await fill(tab, ".steps label:nth-of-type(2) input", "0");
      await tab.press("Enter");
      await until(tab, `location.search.includes("at=0") && ${FIELD}.value === "1"`);
    },
  },
  {
    title: "100 files are uploaded; a name that is taken is asked about",
    async run(tab, { origin, client, work }) {
      const paths = await files(work);
      await tab.goto(`${origin}/ui/upload?tag=up:files`);
      await until(tab, `document.querySelector("input[multiple]")`);
      await tab.choose("input[multiple]", paths);
      await seen(tab, "100 files");
      await press(tab, "Upload 100 files");
      await seen(tab, "100 files stored in 100 blobs");
      ensure((await client.urls("up:files")).length === 100, "not all are there");
      await tab.choose("input[multiple]", paths.slice(0, 3));
      await press(tab, "Upload 3 files");
      await seen(tab, "3 names are taken");
      await press(tab, "Leave them");
      await seen(tab, "Nothing was stored");
      await tab.choose("input[multiple]", paths.slice(0, 1));
      await press(tab, "Upload 1 file");
      await seen(tab, "The name is taken");
      await press(tab, "Store all");
      await seen(tab, "1 file stored");
      ensure((await client.urls("up:files")).length === 101, "it is not there twice");
    },
  },
  {
    title: "a folder is uploaded with its folders in the names, and lines become records",
    isForChromium: true,
    async run(tab, { origin, client, work }) {
      await files(work);
      await tab.goto(`${origin}/ui/upload?tag=up:folder`);
      await until(tab, `document.querySelector("input[webkitdirectory]")`);
      await tab.choose("input[webkitdirectory]", [`${work}/files`]);
      await seen(tab, "100 files");
      await press(tab, "Their lines as records, compressed");
      await press(tab, "Upload 100 files");
      await seen(tab, "100 files stored in 100 blobs");
      const urls = await client.urls("up:folder");
      ensure(
        urls.some(([url = ""]) => url.includes("/files_inner_file-7_txt-0$")),
        `no such name in ${urls.slice(0, 3)}`,
      );
      await press(tab, "up:folder");
      await press(tab, "Records");
      await seen(tab, "line 1 of file");
    },
  },
  {
    title: "a blob is downloaded by the browser itself, and so is what a filter found",
    async run(tab, { origin, requests }) {
      // Nothing else reads all of it: then the browser would have it already.
      await tab.goto(`${origin}/ui/tag/data:kinds?view=records`);
      await seen(tab, "plain text");
      requests.length = 0;
      await press(tab, "Download");
      const isRead = () => requests.some((request) => /^GET \/proxy\/.*\/kinds\$[^ ]+$/.test(request));
      for (let i = 0; i < 100 && !isRead(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
      ensure(isRead(), `the blob was not read as a whole: ${requests}`);
      await tab.goto(`${origin}/ui/tag/data:files?view=records&filter=line%201999`);
      await seen(tab, "11 records found");
      // The browser's own dialogs are out of reach: the file that is made is looked at.
      await tab.evaluate(`(() => {
        const make = URL.createObjectURL;
        URL.createObjectURL = (blob) => make.call(URL, window.saved = blob);
        return null;
      })()`);
      await press(tab, "Download what was found");
      const text = await tab.evaluate<string>("window.saved.text()");
      ensure(text.startsWith("line 1999\nline 19990\n") && text.split("\n").length === 12, `it has ${text}`);
    },
  },
  {
    title: "files that would get one name are asked about before anything is stored, and numbered",
    async run(tab, { origin, client, work }) {
      const paths = ["a b.txt", "a_b.txt"].map((name) => `${work}/${name}`);
      for (const path of paths) await Deno.writeTextFile(path, path);
      await tab.goto(`${origin}/ui/upload?tag=up:shared`);
      await until(tab, `document.querySelector("input[multiple]")`);
      await tab.choose("input[multiple]", paths);
      await press(tab, "Upload 2 files");
      await seen(tab, "Several files would get one name");
      ensure(!await client.exists("up:shared"), "something was stored");
      await press(tab, "Number them");
      await seen(tab, "2 files stored in 2 blobs");
      const names = (await client.urls("up:shared")).map(([url = ""]) => url.split("/").pop()?.split("$")[0]);
      ensure(names.sort().join() === "a_b_txt,a_b_txt_2", `they are ${names}`);
    },
  },
  {
    title: "what is dropped anywhere is taken to the upload, and may be folders in folders",
    async run(tab, { origin, client }) {
      await tab.goto(`${origin}/ui/tag/data:files`);
      await seen(tab, "text_txt");
      ensure(await tab.evaluate(DROPPED), "the browser takes it");
      await until(tab, `location.search === "?tag=data:files"`);
      await seen(tab, "150 files");
      await tab.goto(`${origin}/ui/upload?tag=up:dropped`);
      await until(tab, `document.querySelector(".drop")`);
      ensure(await tab.evaluate(DROPPED), "the browser takes it");
      await seen(tab, "150 files");
      ensure(
        await tab.evaluate<number>(`document.querySelectorAll(".file").length`) <= 50,
        "all rows are in the document",
      );
      await press(tab, "Upload 150 files");
      await seen(tab, "150 files stored in 150 blobs");
      const urls = await client.urls("up:dropped");
      ensure(urls.some(([url = ""]) => url.includes("/top_inner_149_txt$")), "a name lacks its folders");
    },
  },
  {
    title: "an upload that is stopped leaves the tag as it was",
    async run(tab, { origin, client, work }) {
      await Deno.writeTextFile(`${work}/stuck`, "stuck\n");
      await tab.goto(`${origin}/ui/upload?tag=up:stuck`);
      await until(tab, `document.querySelector("input[multiple]")`);
      await tab.choose("input[multiple]", [`${work}/stuck`]);
      await press(tab, "Upload 1 file");
      await press(tab, "Stop");
      await until(tab, `!document.querySelector("progress")`);
      await seen(tab, "Stopped: 0 blobs stored. The tag is as it was");
      ensure(!await client.exists("up:stuck"), "the tag was made");
      ensure(await shows(tab, "Upload 1 file"), "the file is not there any longer, to try again");
    },
  },
  {
    title: "nodes: how full they are; a dead one is shown as dead; a collection says what it found",
    async run(tab, { origin }) {
      await tab.goto(`${origin}/ui/nodes`);
      await seen(tab, "dead: it does not answer");
      await until(tab, `[...document.querySelectorAll("tr.alive")].length === 2`);
      ensure(
        (await tab.evaluate<string>(`document.querySelector("tr.dead").innerText`)).includes(DEAD),
        "another one is",
      );
      await press(tab, "Collect now");
      await press(tab, "Collect");
      await until(tab, `document.querySelectorAll("table").length === 2`);
    },
  },
  {
    title: "an empty DDFS shows the three ways to fill it",
    async run(tab) {
      const ddfs = embedded({ ui: true });
      await served((request) => ddfs.fetch(request, {}), async (origin) => {
        await tab.goto(`${origin}/ui/`);
        for (const text of ["Upload files", "ddfs -M", "new DDFS("]) await seen(tab, text);
      });
      const { fetch } = gateway({ master: ddfs.master, fetch: ddfs.fetch, tags: [""], ui: true });
      await served((request) => fetch(request), async (origin) => {
        await tab.goto(`${origin}/ui/`);
        await seen(tab, "Nothing is stored yet");
        ensure(!await shows(tab, "Drop files") && !await shows(tab, "ddfs -M"), "what only reads offers to write");
      });
      await ddfs.close();
    },
  },
];
