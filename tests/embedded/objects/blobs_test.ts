import { describe, it } from "@std/testing/bdd";
import type { ObjectEngine } from "../../../lib/embedded/objects/bucket/engine.ts";
import { openObjectStore } from "../../../lib/embedded/objects/store.ts";
import type { Volume } from "../../../lib/embedded/stores/store.ts";
import { expect } from "../../helpers/expect.ts";
import { FakeBucket } from "../../helpers/objects/fake_bucket.ts";
import { storeSetup, volumeOf, writeBlob } from "../../helpers/store_setup.ts";

const MIB = 1 << 20;
const PART = 8 * MIB;
const NAME = "log$703-1-1";

const open = async (engine: ObjectEngine): Promise<Volume> =>
  volumeOf((await openObjectStore(engine, storeSetup())).volumes);

/** Writes bytes that tell their place, in pieces; tells whether they are stored. */
async function write(volume: Volume, size: number, options?: { size: number }): Promise<boolean | undefined> {
  const writer = await volume.create(NAME, options);
  if (writer === undefined) return undefined;
  try {
    for (let at = 0; at < size; at += 300_000) {
      await writer.write(pattern(at, Math.min(size, at + 300_000)));
    }
    return await writer.commit();
  } finally {
    await writer.close();
  }
}

function pattern(start: number, end: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  const words = new DataView(bytes.buffer);
  for (let at = 0; at + 4 <= bytes.length; at += 4) words.setUint32(at, start + at);
  return bytes;
}

async function isPattern(volume: Volume, size: number): Promise<boolean> {
  const found = await volume.read(NAME);
  const bytes = new Uint8Array(await new Response(found?.stream).arrayBuffer());
  const words = new DataView(bytes.buffer);
  return bytes.length === size && [0, PART - 4, PART, size - 4 - size % 4].every((at) => words.getUint32(at) === at);
}

describe("a blob in a bucket", () => {
  it("is stored by one request where it is small, whether or not its length is known", async () => {
    const bucket = new FakeBucket();
    const volume = await open(bucket.engine());
    bucket.requests.length = 0;

    expect(await write(volume, 1000, { size: 1000 })).toBe(true);

    expect(bucket.requests).toEqual([expect.stringMatching(/^PUT blob\/..\/log\$703-1-1$/)]);
    expect(await write(volume, 1000, { size: 1000 })).toBe(false);
    expect(await write(volume, 1000)).toBe(undefined);
  });

  it("is streamed where its length is known", async () => {
    const bucket = new FakeBucket();
    const volume = await open(bucket.engine());

    expect(await write(volume, 20 * MIB, { size: 20 * MIB })).toBe(true);

    expect(bucket.requests.filter((request) => request.startsWith("PART"))).toEqual([]);
    expect(await isPattern(volume, 20 * MIB)).toBe(true);
  });

  it("is stored in parts of 8 MiB where its length is not known, and is nowhere before the last", async () => {
    const bucket = new FakeBucket();
    const volume = await open(bucket.engine());
    const writer = await volume.create(NAME);
    for (let at = 0; at < 17 * MIB; at += MIB) await writer?.write(pattern(at, at + MIB));

    expect([await volume.read(NAME), await volume.read(NAME, { end: 0 })]).toEqual([undefined, undefined]);
    expect(await write(volume, 10)).toBe(undefined);
    expect(await write(volume, 10, { size: 10 })).toBe(false);
    expect(await writer?.commit()).toBe(true);
    await writer?.close();

    expect(bucket.requests.filter((request) => request.startsWith("PART")).length).toBe(3);
    expect(await isPattern(volume, 17 * MIB)).toBe(true);
    expect((await Array.fromAsync(volume.list())).map(({ size }) => size)).toEqual([17 * MIB]);
  });

  it("leaves nothing when it is given up, however it is stored", async () => {
    const bucket = new FakeBucket();
    const volume = await open(bucket.engine());
    for (const options of [undefined, { size: 20 * MIB }, { size: 10 }]) {
      const writer = await volume.create(NAME, options);
      for (let at = 0; at < 9 * MIB; at += MIB) await writer?.write(new Uint8Array(MIB));
      await writer?.close();
    }

    expect(bucket.keys()).toEqual(["settings"]);
    expect(await writeBlob(volume, NAME, "new")).toBe(true);
  });

  it("is stored once by one of two who store it in parts at the same time, through different handlers", async () => {
    const bucket = new FakeBucket();
    const volumes = await Promise.all([open(bucket.engine()), open(bucket.engine())]);

    const stored = await Promise.all(volumes.map((volume) => write(volume, 9 * MIB)));

    expect(stored.filter((isStored) => isStored === true).length).toBe(1);
    expect(bucket.requests.filter((request) => request.startsWith("COMPLETE")).length).toBe(1);
  });

  it("is stored once by one of two who stream it at the same time, whether or not a condition holds for streams", async () => {
    for (const conditionalStreams of [false, true]) {
      const bucket = new FakeBucket();
      const volumes = await Promise.all([1, 2].map(() => open(bucket.engine({ conditionalStreams }))));

      const stored = await Promise.all(volumes.map((volume) => write(volume, 9 * MIB, { size: 9 * MIB })));

      expect(stored.filter((isStored) => isStored === true).length).toBe(1);
      expect(await isPattern(await open(bucket.engine()), 9 * MIB)).toBe(true);
    }
  });

  it("that is streamed is known again where the answer was lost", async () => {
    const bucket = new FakeBucket();
    const engine = bucket.engine();
    const volume = await open({
      ...engine,
      put: async (key, body, options) => {
        const answer = await engine.put(key, body, options);
        if (!(body instanceof Uint8Array)) throw new Error("the answer is lost");
        return answer;
      },
    });

    expect(await write(volume, 9 * MIB, { size: 9 * MIB })).toBe(true);
  });

  it("is known again where the answer was lost", async () => {
    const bucket = new FakeBucket();
    let isLost = false;
    const volume = await open(bucket.engine({ lostAnswer: 1, random: () => isLost ? 0 : 1 }));
    isLost = true;

    expect(await write(volume, 10)).toBe(true);
    isLost = false;
    expect(await write(volume, 10, { size: 10 })).toBe(false);
  });

  it("of unknown length and more than a part is refused in words by a store that has no parts", async () => {
    const { multipart: _, ...engine } = new FakeBucket().engine();
    const volume = await open(engine);

    await expect(write(volume, 9 * MIB)).rejects.toThrow(
      /a fake bucket stores more than 8388608 bytes only if.*Content-Length/,
    );
    expect(await write(volume, 7 * MIB)).toBe(true);
  });
});
