import { SCREENS } from "./explorer_screens.ts";
import { type Behaviour, ensure, fill, press, seen, shows, until } from "./explorer_steps.ts";

/** Tests of what the page says where something cannot be done, and of how it fits a phone. */
export const advises: readonly Behaviour[] = [
  {
    title: "an error says what can be done about it in a browser, and offers no second try where none can work",
    async run(tab, { origin, client }) {
      await tab.goto(`${origin}/ui/tag/data:secret`);
      await seen(tab, "It is protected");
      ensure(!await shows(tab, "DDFS_READ_TOKEN"), "it names variables of an environment");
      await tab.goto(`${origin}/ui/tag/-`);
      await seen(tab, "Choose another name");
      ensure(!await shows(tab, "Try again"), "it is to be tried again");
      await client.tag("advice:nowhere", [["http://nowhere.invalid:8989/ddfs/vol0/blob/00/x$1-1-1"]]);
      await tab.goto(`${origin}/ui/tag/advice:nowhere?view=records`);
      await seen(tab, "Verify the tag");
      await tab.goto(`${origin}/ui/tag/data:numbers?view=records&filter=(((&regexp=1`);
      // In the browser's own words.
      await until(tab, `(document.querySelector("#filter-problem")?.innerText ?? "") !== ""`);
      await seen(tab, "All records");
      ensure(!await shows(tab, "has failed"), "the view has failed");
    },
  },
  {
    title: "the name of a tag that cannot be stored is refused while it is typed",
    async run(tab, { origin }) {
      await tab.goto(`${origin}/ui/upload?tag=-`);
      await seen(tab, "and not -");
      await fill(tab, "form.upload input[required]", "x".repeat(234));
      await until(tab, `document.querySelector("#tag-problem").innerText === ""`);
      await tab.type("x");
      await seen(tab, "1 to 234");
    },
  },
  {
    title: "verifying a tag that was deleted meanwhile says so",
    async run(tab, { origin, client }) {
      await client.tag("advice:gone", [["http://nowhere.invalid:8989/ddfs/vol0/blob/00/x$1-1-1"]]);
      await tab.goto(`${origin}/ui/tag/advice:gone?view=blobs`);
      await seen(tab, "Verify every replica");
      await client.delete("advice:gone");
      await press(tab, "Verify every replica");
      await seen(tab, "It may have been deleted");
      ensure(!await shows(tab, "are good"), "replicas are called good");
    },
  },
  {
    title: "a filter finds lines of what is no chunk, before chunks and after them, each hit once",
    async run(tab, { origin, client }) {
      const [chunk = []] = await client.urls("data:numbers");
      const [, text = []] = await client.urls("data:files");
      for (const [tag, urls] of [["advice:mixed", [chunk, text]], ["advice:mixed2", [text, chunk]]] as const) {
        await client.tag(tag, urls);
        await tab.goto(`${origin}/ui/tag/${tag}?view=records&filter=%5E(number|line)%2019997&regexp=1`);
        await seen(tab, "12 records found");
        await seen(tab, "that is all");
      }
    },
  },
  {
    title: "no screen is wider than a phone of 360 pixels",
    async run(tab, { origin }) {
      await tab.resize(360, 740);
      await tab.goto(`${origin}/ui/`);
      // The widest head.
      await tab.evaluate(`(sessionStorage.setItem("ddfs-tokens", '{"all":"none"}'), null)`);
      const wide: string[] = [];
      for (const [path, text] of SCREENS) {
        await tab.goto(origin + path);
        await seen(tab, path.endsWith("secret") ? "protected" : text);
        const width = await tab.evaluate<number>(`document.documentElement.scrollWidth`);
        if (width > 360) wide.push(`${path}: ${width}`);
      }
      ensure(wide.length === 0, wide.join(", "));
    },
  },
];
