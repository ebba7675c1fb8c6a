import { DROPPED } from "./explorer_files.ts";
import { type Behaviour, ensure, press, seen, served, shows, until } from "./explorer_steps.ts";

/** Tests of uploads beside which something happens. */
export const uploads: readonly Behaviour[] = [
  {
    title: "an upload leaves what is dropped meanwhile for the next one",
    async run(tab, { fetch, client, work }) {
      const gate = Promise.withResolvers<void>();
      await Deno.writeTextFile(`${work}/early`, "early\n");
      const answer = async (request: Request) => {
        if (request.method === "PUT") await gate.promise;
        return await fetch(request);
      };
      await served(answer, async (origin) => {
        try {
          await tab.goto(`${origin}/ui/upload?tag=up:meanwhile`);
          await until(tab, `document.querySelector("input[multiple]")`);
          await tab.choose("input[multiple]", [`${work}/early`]);
          await press(tab, "Upload 1 file");
          await until(tab, `document.querySelector("progress")`);
          await tab.evaluate(DROPPED);
          await seen(tab, "151 files");
          gate.resolve();
          await seen(tab, "1 file stored in 1 blob");
          await press(tab, "Upload 150 files");
          await seen(tab, "150 files stored in 150 blobs");
        } finally {
          // The server ends once all is answered.
          gate.resolve();
        }
      });
      ensure((await client.urls("up:meanwhile")).length === 151, "not all are there");
    },
  },
  {
    title: "an upload whose tag may have been changed says so",
    async run(tab, { fetch, work }) {
      await Deno.writeTextFile(`${work}/unsure`, "unsure\n");
      const answer = (request: Request) =>
        request.method === "POST" && request.url.includes("/ddfs/tag/")
          ? new Response("it has failed", { status: 500 })
          : fetch(request);
      await served(answer, async (origin) => {
        await tab.goto(`${origin}/ui/upload?tag=up:unsure`);
        await until(tab, `document.querySelector("input[multiple]")`);
        await tab.choose("input[multiple]", [`${work}/unsure`]);
        await press(tab, "Upload 1 file");
        await seen(tab, "Cannot store the files");
        await seen(tab, "The tag may have them");
        ensure(!await shows(tab, "The tag is as it was"), "it says that the tag is as it was");
      });
    },
  },
];
