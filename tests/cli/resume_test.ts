import { describe, it } from "@std/testing/bdd";
import { type CommandPlace, inPlaceWith } from "../helpers/command.ts";
import { expect } from "../helpers/expect.ts";

/** Lines that tell their place, and do not compress away. */
function lines(from: number, count: number): string {
  let text = "";
  let random = 1;
  for (let i = from; i < from + count; i++) {
    random = random * 48271 % 2147483647;
    text += `line ${i} ${random} ${random ^ i}\n`;
  }
  return text;
}

const FILES = {
  ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`part${i}.log`, lines(i * 100_000, 20_000)])),
  "big.log": lines(0, 250_000),
};

/** Runs a test in a place of its own. */
const within = inPlaceWith(FILES);
const PARTS = Array.from({ length: 8 }, (_, i) => `part${i}.log`);
const CHUNK = ["chunk", "-S", "0.3", "data:log", "./big.log"];
const PUSH = ["push", "data:files", ...PARTS];

/** The names of blobs that were put, in order. */
function put(place: CommandPlace): string[] {
  return place.requests.flatMap((request) => /^PUT \/ddfs\/([\w-]+)\$/.exec(request)?.[1] ?? []);
}

/** Runs a command and ends it, by kill -9, when a number of its blobs has been answered; gives what it said. */
async function killedAfter(
  place: CommandPlace,
  args: readonly string[],
  count: number,
  by: "SIGKILL" | "SIGINT" = "SIGKILL",
): Promise<string> {
  let answered = 0;
  let kill = () => {};
  place.intercept = async (request, answer) => {
    const response = await answer();
    if (request.method === "PUT" && ++answered === count) kill();
    // The answers of those that came after it are lost.
    if (answered > count) await new Promise((resolve) => setTimeout(resolve, 50));
    return response;
  };
  const child = place.start(args);
  kill = () => child.kill(by);
  const { signal, stderr } = await child.output();
  place.intercept = (_request, answer) => answer();
  expect(signal).toBe(by);
  return new TextDecoder().decode(stderr);
}

async function content(place: CommandPlace, args: readonly string[]): Promise<string> {
  const { out, status } = await place.ddfs(args);
  expect(status).toBe(0);
  return out;
}

const journals = async (place: CommandPlace) => {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${place.folder}/state/ddfs`)) names.push(name);
  return names;
};

describe("a run that was killed", () => {
  it("of chunk goes on: every line is there once, and no chunk is sent twice but the one under way", () =>
    within(async (place) => {
      await killedAfter(place, CHUNK, 4);
      expect((await place.ddfs(["exists", "data:log"])).status).toBe(1);
      const before = put(place);
      place.requests.length = 0;

      const { status, err, out } = await place.ddfs(CHUNK);

      expect([status, err.includes("Going on where an earlier run was ended")]).toEqual([0, true]);
      const twice = put(place).filter((name) => before.includes(name));
      expect(twice.length).toBeLessThanOrEqual(2);
      expect(out.split("\n").length - 1).toBe(new Set([...before, ...put(place)]).size);
      expect(await content(place, ["xcat", "data:log"]) === FILES["big.log"]).toBe(true);
      expect(await journals(place)).toEqual([]);
    }));

  it("by Ctrl-C says how many blobs are stored, and that the same command goes on there", () =>
    within(async (place) => {
      const said = await killedAfter(place, CHUNK, 4, "SIGINT");

      const [, stored] = /^Stored so far: (\d+) blobs\. The same command goes on there/m.exec(said) ?? [];
      const { err } = await place.ddfs(CHUNK);
      expect(Number(stored)).toBeGreaterThan(0);
      expect(err).toContain(`Going on where an earlier run was ended: ${stored} blobs are stored already`);
    }));

  it("of chunk goes on in a gzip, which is read again up to there", () =>
    within(async (place) => {
      const zipped = new Blob([FILES["big.log"]]).stream().pipeThrough(new CompressionStream("gzip"));
      await Deno.writeFile(`${place.folder}/big.gz`, zipped);
      const args = ["chunk", "-S", "0.3", "data:log", "./big.gz"];
      await killedAfter(place, args, 4);

      const { status, err } = await place.ddfs(args);

      expect([status, err.includes("Going on where an earlier run was ended")]).toEqual([0, true]);
      expect(await content(place, ["xcat", "data:log"]) === FILES["big.log"]).toBe(true);
    }));

  it("of push goes on: every file is there once, and none is sent twice but those under way", () =>
    within(async (place) => {
      await killedAfter(place, PUSH, 3);
      const before = put(place);
      place.requests.length = 0;

      expect((await place.ddfs(PUSH)).status).toBe(0);

      // Five are sent at a time.
      expect(put(place).filter((name) => before.includes(name)).length).toBeLessThanOrEqual(5);
      const text = PARTS.map((name) => FILES[name as keyof typeof FILES]).join("");
      expect(await content(place, ["cat", "data:files"]) === text).toBe(true);
    }));

  it("between tag and journal is done: nothing is tagged twice", () =>
    within(async (place) => {
      const child = place.start(PUSH);
      place.intercept = async (request, answer) => {
        const response = await answer();
        if (request.method === "POST") child.kill("SIGKILL");
        return response;
      };
      expect((await child.output()).signal).toBe("SIGKILL");
      place.intercept = (_request, answer) => answer();
      place.requests.length = 0;

      const { status, err } = await place.ddfs(PUSH);

      expect([status, err]).toEqual([0, "An earlier run was ended when all was done: 8 blobs are in data:files.\n"]);
      expect(put(place)).toEqual([]);
      expect((await content(place, ["urls", "data:files"])).trimEnd().split("\n").length).toBe(8);
      expect(await journals(place)).toEqual([]);
    }));

  it("begins anew where a file was changed, or --no-resume says so", () =>
    within(async (place) => {
      await killedAfter(place, CHUNK, 3);
      expect((await place.ddfs([...CHUNK, "--no-resume"])).err).toBe("");
      await killedAfter(place, PUSH, 3);
      await Deno.writeTextFile(`${place.folder}/part0.log`, "changed\n");

      expect((await place.ddfs(PUSH)).err).toBe("");
    }));

  it("stores again what the cluster does not have any longer", () =>
    within(async (place) => {
      await killedAfter(place, CHUNK, 3);
      place.intercept = (request, answer) => {
        return request.method === "HEAD" ? Promise.resolve(new Response(null, { status: 404 })) : answer();
      };

      expect((await place.ddfs(CHUNK)).err).toBe("");

      place.intercept = (_request, answer) => answer();
      expect(await content(place, ["xcat", "data:log"]) === FILES["big.log"]).toBe(true);
    }));

  it("needs a journal: where there can be none, the work is done all the same, and that is said", () =>
    within(async (place) => {
      const env = { XDG_STATE_HOME: "/dev/null" };
      const { status, err } = await place.ddfs(PUSH, { env });
      expect([status, err]).toEqual([0, expect.stringMatching(/could not be gone on with: .*\/dev\/null/)]);
      expect((await place.ddfs([...PUSH, "--resume"], { env })).status).toBe(1);

      // One that cannot be written any longer, as on a full disk.
      place.intercept = async (request, answer) => {
        if (request.method === "PUT") {
          place.intercept = (_request, answer) => answer();
          const [lock = ""] = (await journals(place)).filter((name) => name.endsWith(".lock"));
          await Deno.mkdir(`${place.folder}/state/ddfs/${lock.slice(0, -".lock".length)}`);
        }
        return await answer();
      };
      const lost = await place.ddfs(PUSH);
      expect([lost.status, lost.err.match(/could not be gone on with/g)?.length]).toEqual([0, 1]);
    }));

  it("goes on although its journal ends with what is no entry, and finds again what it notes behind that", () =>
    within(async (place) => {
      await killedAfter(place, CHUNK, 3);
      const [name = ""] = (await journals(place)).filter((name) => name.endsWith(".jsonl"));
      const path = `${place.folder}/state/ddfs/${name}`;
      const noted = (await Deno.readTextFile(path)).trimEnd().split("\n").length;
      await Deno.writeTextFile(path, '{"source":0,"replicas":[]}\n{"sour', { append: true });
      await killedAfter(place, CHUNK, 3);

      const entries = (await Deno.readTextFile(path)).trimEnd().split("\n").map((line) => JSON.parse(line));
      expect(entries.length).toBeGreaterThan(noted);
      const { status, err } = await place.ddfs(CHUNK);

      expect([status, err]).toEqual([
        0,
        expect.stringContaining(`Going on where an earlier run was ended: ${entries.length} `),
      ]);
      expect(await content(place, ["xcat", "data:log"]) === FILES["big.log"]).toBe(true);
    }));

  it("loses no entry of its journal where it cannot be put right", () =>
    within(async (place) => {
      await killedAfter(place, CHUNK, 3);
      const [name = ""] = (await journals(place)).filter((name) => name.endsWith(".jsonl"));
      const path = `${place.folder}/state/ddfs/${name}`;
      await Deno.writeTextFile(path, '{"sour', { append: true });
      const text = await Deno.readTextFile(path);
      await Deno.mkdir(`${path}.new/full`, { recursive: true });

      const { status, err } = await place.ddfs(CHUNK);

      expect([status, err]).toEqual([0, expect.stringContaining("could not be gone on with")]);
      expect(await Deno.readTextFile(path)).toBe(text);
    }));

  it("has its journal in the user's own folder where XDG_STATE_HOME is relative, and in no folder of the work", () =>
    within(async (place) => {
      const names = async () => (await Array.fromAsync(Deno.readDir(place.folder))).map(({ name }) => name).sort();
      const before = await names();

      expect((await place.ddfs(PUSH, { env: { XDG_STATE_HOME: "state" } })).err).toBe("");

      // The user's own folder is this one here.
      expect(await names()).toEqual([".local", ...before]);
      await Deno.remove(`${place.folder}/.local`, { recursive: true });
      const { status, err } = await place.ddfs(PUSH, { env: { XDG_STATE_HOME: "state", HOME: "home" } });
      expect([status, err]).toEqual([
        0,
        expect.stringMatching(/could not be gone on with: neither XDG_STATE_HOME nor/),
      ]);
      expect(await names()).toEqual(before);
    }));

  it("has no token in its journal, which nobody else may read", () =>
    within(async (place) => {
      await killedAfter(place, ["-t", "s3cret", ...PUSH], 7);
      const [name = ""] = (await journals(place)).filter((name) => name.endsWith(".jsonl"));
      const path = `${place.folder}/state/ddfs/${name}`;

      expect(await Deno.readTextFile(path)).not.toContain("s3cret");
      expect(((await Deno.stat(path)).mode ?? 0) & 0o077).toBe(0);
    }));
});

describe("two runs of the same", () => {
  it("do not share a journal: the second one is refused", () =>
    within(async (place) => {
      let isHeld = true;
      let begun = () => {};
      const first = new Promise<void>((resolve) => begun = resolve);
      place.intercept = async (request, answer) => {
        if (request.method === "PUT") begun();
        while (isHeld && request.method === "PUT") await new Promise((resolve) => setTimeout(resolve, 20));
        return await answer();
      };
      const child = place.start(PUSH);
      await first;

      const { status, err } = await place.ddfs(PUSH);
      isHeld = false;

      expect([status, /^ddfs: Process \d+ does the same at the moment/.test(err)]).toEqual([1, true]);
      expect((await child.output()).code).toBe(0);
    }));
});
