import { type Behaviour, ensure, press, seen, served, shows, until } from "./explorer_steps.ts";

/** Tests of what the page shows while its DDFS, or a part of it, does not answer. */
export const outages: readonly Behaviour[] = [
  {
    title: "what is slow says so, and can be stopped",
    async run(tab, { origin }) {
      await tab.goto(`${origin}/ui/tag/data:slow?view=records&filter=x`);
      await until(tab, `document.querySelector("progress")`);
      await press(tab, "Stop");
      await seen(tab, "stopped");
      await tab.goto(`${origin}/ui/tag/data:slow?view=records`);
      await until(tab, `document.querySelector("progress")`);
    },
  },
  {
    title: "a corrupt replica is read around, and named",
    async run(tab, { origin }) {
      await tab.goto(`${origin}/ui/tag/data:corrupt?view=records`);
      await seen(tab, "three");
      await seen(tab, "Damaged, and read from another replica");
    },
  },
  {
    title: "nodes that were seen stay while their master does not answer, with the error beside them",
    async run(tab, { fetch }) {
      let isDown = false;
      const answer = (request: Request) =>
        isDown && request.url.includes("nodeinfo") ? new Response("down", { status: 404 }) : fetch(request);
      await served(answer, async (origin) => {
        await tab.goto(`${origin}/ui/nodes`);
        await seen(tab, "dead: it does not answer");
        isDown = true;
        // The next look is up to ten seconds away.
        await seen(tab, "Cannot ask for the nodes");
        await press(tab, "Try again");
        for (let i = 0; i < 10; i++) {
          ensure(await shows(tab, "Cannot ask for the nodes") && await shows(tab, "127.0.0.2"), "it comes and goes");
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        isDown = false;
        await press(tab, "Try again");
        await until(tab, `!document.body.innerText.includes("Cannot ask for the nodes")`);
      });
    },
  },
  {
    title: "a view that cannot be loaded is tried again without leaving the page, until its server answers",
    async run(tab, { fetch }) {
      let isDown = false;
      const answer = (request: Request) => isDown ? new Response("down", { status: 503 }) : fetch(request);
      await served(answer, async (origin) => {
        await tab.goto(`${origin}/ui/tag/data:files?view=blobs`);
        await seen(tab, "text_txt");
        isDown = true;
        await press(tab, "Nodes");
        await seen(tab, "could not be loaded");
        await press(tab, "Try again");
        await seen(tab, "It does not answer yet");
        isDown = false;
        await press(tab, "Try again");
        await seen(tab, "dead: it does not answer");
      });
    },
  },
];
