import { type Behaviour, ensure, fill, press, seen, shows, until } from "./explorer_steps.ts";

/** The names that the graph has, in the order of its columns. */
const NODES = `[...document.querySelectorAll(".graph .node")].map((node) => node.querySelector("text").textContent)`;

/** The views of tags: their list, their links, their attributes and replicas. */
export const ofTags: readonly Behaviour[] = [
  {
    title: "prefixes are a tree that keys open; prefix and search are in the address",
    async run(tab, { origin }) {
      await tab.goto(`${origin}/ui/`);
      await seen(tab, "graph:");
      await tab.evaluate(`document.querySelector("[role=tree]").focus()`);
      for (const key of ["End", "ArrowRight", "ArrowRight"]) await tab.press(key);
      await until(tab, `document.querySelector("[role=tree] [data-current]")?.innerText.includes("2000:")`);
      await tab.press("Enter");
      await until(tab, `location.search === "?prefix=logs:2000:"`);
      await seen(tab, "400 of 10,0");
      await tab.press("/");
      await tab.type("0025");
      await until(tab, `location.search === "?prefix=logs:2000:&search=0025"`);
      await tab.reload();
      await seen(tab, "logs:2000:00250");
      ensure(!await shows(tab, "logs:2000:00275"), "what does not contain the text is shown");
      await tab.click(`[role=treeitem][href*="2001:"]`);
      await until(tab, `location.search === "?prefix=logs:2001:&search=0025"`);
      // What is typed is not in the address yet, and is undone all the same.
      await tab.press("/");
      await tab.type("6");
      // A link of the page's head, and one of the view.
      for (const link of ["nav[aria-label=Views] a", ".crumbs a"]) {
        await tab.click(link);
        await until(tab, `location.search === "" && document.querySelector("[type=search]").value === ""`);
        await seen(tab, "__proto__");
        await tab.goto(`${origin}/ui/tags?search=graph`);
        await until(tab, `document.querySelector("[type=search]")?.value === "graph"`);
      }
    },
  },
  {
    title: "attributes are added, changed and deleted",
    async run(tab, { origin, client }) {
      await client.tag("edit:attributes", []);
      await tab.goto(`${origin}/ui/tag/edit:attributes?view=attributes`);
      await until(tab, `document.querySelector("header [aria-current]")?.innerText === "Tags"`);
      await press(tab, "Add an attribute");
      await fill(tab, ".attributes input", "colour");
      await fill(tab, ".attributes .wide textarea", "green");
      await press(tab, "Save");
      await seen(tab, "green");
      await tab.click(`[aria-label="Edit colour"]`);
      await fill(tab, ".attributes .wide textarea", "blue ☃");
      await press(tab, "Save");
      await seen(tab, "blue ☃");
      ensure((await client.attrs("edit:attributes")).colour === "blue ☃", "it was not written");
      await press(tab, "Add an attribute");
      for (const [name, problem] of [["colour", "There is one of that name"], ["ddfs:read-token", "Tokens are set"]]) {
        await fill(tab, ".attributes input", name ?? "");
        await seen(tab, problem ?? "");
        await press(tab, "Save");
      }
      await press(tab, "Cancel");
      ensure((await client.attrs("edit:attributes")).colour === "blue ☃", "it was overwritten");
      await tab.click(`[aria-label="Delete colour"]`);
      await press(tab, "Delete");
      await seen(tab, "The tag has no attributes");
      ensure(Object.keys(await client.attrs("edit:attributes")).length === 0, "it was not deleted");
    },
  },
  {
    title: "an attribute of several lines keeps them when it is edited",
    async run(tab, { origin, client }) {
      await client.setattr("edit:lines", "note", "one\ntwo");
      await tab.goto(`${origin}/ui/tag/edit:lines?view=attributes`);
      await until(tab, `document.querySelector('[aria-label="Edit note"]')`);
      await tab.click(`[aria-label="Edit note"]`);
      await until(tab, `document.activeElement.matches("textarea")`);
      await tab.press("End");
      await tab.press("Enter");
      await tab.type("three");
      await press(tab, "Save");
      await seen(tab, "three");
      const { note = "" } = await client.attrs("edit:lines");
      ensure(note.split("\n").sort().join() === "one,three,two", `it is ${JSON.stringify(note)}`);
    },
  },
  {
    title: "a token that is set protects a tag, and who has set it goes on",
    async run(tab, { origin, client }) {
      await client.tag("edit:token", []);
      await tab.goto(`${origin}/ui/tag/edit:token?view=attributes`);
      await press(tab, "Token to read …");
      await fill(tab, "dialog input", "sesame");
      await press(tab, "Set it");
      await until(tab, `document.querySelector("dialog") === null`);
      await tab.reload();
      await seen(tab, "The tag has no attributes");
      const refused = await client.attrs("edit:token").then(() => false, ({ code }) => code === "unauthorized");
      ensure(refused, "the tag is read without its token");
      await press(tab, "Token to read …");
      await press(tab, "Remove it");
      await until(tab, `document.querySelector("dialog") === null`);
      await client.attrs("edit:token");
    },
  },
  {
    title: "a tag is deleted when its name was typed, and not before",
    async run(tab, { origin, client }) {
      await client.tag("edit:gone", [["disco://a/ddfs/vol0/blob/00/b$1-1-1"]]);
      await tab.goto(`${origin}/ui/tag/edit:gone`);
      await press(tab, "Delete …");
      await fill(tab, "dialog input", "edit:gon");
      ensure(
        await tab.evaluate(`document.querySelector("dialog .danger").disabled`),
        "it can be deleted by half a name",
      );
      await tab.press("Enter");
      ensure(await client.exists("edit:gone"), "it was deleted by half a name");
      await fill(tab, "dialog input", "edit:gone");
      await press(tab, "Delete");
      await until(tab, `location.pathname === "/ui/tags"`);
      ensure(!await client.exists("edit:gone"), "it is still there");
    },
  },
  {
    title: "verifying says which replicas are good, which are not, and why",
    async run(tab, { origin }) {
      await tab.goto(`${origin}/ui/tag/data:corrupt?view=blobs`);
      await press(tab, "Verify every replica");
      await seen(tab, "1 of 2 replicas is good");
      await seen(tab, "corrupt-0 on ");
      ensure(
        await tab.evaluate(`document.querySelectorAll(".chip.good, .chip.corrupt").length === 2`),
        "rows say nothing",
      );
      await tab.goto(`${origin}/ui/tag/data:files?view=blobs`);
      await press(tab, "Verify every replica");
      await seen(tab, "8 of 8 replicas are good");
    },
  },
  {
    title:
      "links: a circle, one that is missing, siblings that are folded, and what links here when all tags were read",
    async run(tab, { origin }) {
      await tab.goto(`${origin}/ui/tag/graph:a?view=graph`);
      await until(tab, `${NODES}.includes("missing")`);
      const nodes = await tab.evaluate<string[]>(NODES);
      ensure(
        ["data:numbers", "graph:a", "graph:b", "graph:c", "missing"].every((name) => nodes.includes(name)),
        `there are ${nodes}`,
      );
      await until(tab, `document.querySelector(".node.missing")`);
      await tab.goto(`${origin}/ui/tag/graph:wide?view=graph`);
      await until(tab, `${NODES}.includes("+488 more")`);
      await tab.evaluate(`document.querySelector(".node.more").focus()`);
      await tab.press("Enter");
      await until(tab, `${NODES}.includes("+464 more")`);
      await tab.goto(`${origin}/ui/tag/data:numbers?view=graph`);
      await seen(tab, "Find what links here");
      await tab.click(".bar button");
      await seen(tab, "Reading tags: ");
      await press(tab, "Stop");
      await seen(tab, "Find what links here");
    },
  },
];
