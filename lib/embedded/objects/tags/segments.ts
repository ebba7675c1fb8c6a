import { atOnce } from "../../../base/at_once.ts";
import { DiscoError } from "../../../errors.ts";
import { toJson } from "../../stores/json.ts";
import { batchesInTurns, isSetsJson, joinedSets } from "../../stores/sets.ts";
import type { SetsJson } from "../../stores/tag_store.ts";
import { Cache } from "../../stores/cache.ts";
import type { ObjectEngine } from "../bucket/engine.ts";
import type { Segment } from "./heads.ts";
import { segmentKey } from "../bucket/keys.ts";
import { patient, type Pauses } from "../bucket/requests.ts";

/** The most characters of a segment, about. */
const MOST = 4 << 20;
/** The characters of segments that are kept in memory. */
const KEPT = 16 << 20;
/** Segments that are read or written at a time. */
const WIDTH = 16;

/** The segments of tags. */
export class Segments {
  readonly #engine: ObjectEngine;
  readonly #pauses: Pauses;
  readonly #cache = new Cache<SetsJson>(KEPT);

  constructor(engine: ObjectEngine, pauses: Pauses) {
    this.#engine = engine;
    this.#pauses = pauses;
  }

  /**
   * Reads the sets of segments.
   *
   * @throws {DiscoError} If one is missing or damaged.
   */
  async read(name: string, segments: readonly Segment[]): Promise<SetsJson> {
    const texts = new Map<string, SetsJson>();
    await atOnce(WIDTH, segments, async ({ part }) => void texts.set(part, await this.#one(segmentKey(name, part))));
    return joinedSets(name, segments.map(({ part }) => texts.get(part) ?? ""));
  }

  /**
   * Writes sets to segments, which nobody sees before a head names them.
   *
   * @param version Begins the names of the segments: nobody else has used it.
   */
  async write(name: string, version: string, sets: SetsJson): Promise<Segment[]> {
    const made: { readonly segment: Segment; readonly text: SetsJson }[] = [];
    for await (const text of piecesOf(sets)) {
      made.push({ segment: { part: `${version}.${made.length}`, size: text.length }, text });
    }
    await atOnce(WIDTH, made, async ({ segment, text }) => {
      const key = segmentKey(name, segment.part);
      const bytes = new TextEncoder().encode(text);
      await patient(this.#pauses, (signal) => this.#engine.put(key, bytes, { signal }));
      this.#cache.set(key, text, text.length);
    });
    return made.map(({ segment }) => segment);
  }

  async #one(key: string): Promise<SetsJson> {
    const kept = this.#cache.get(key);
    if (kept !== undefined) return kept;
    const text = await patient(this.#pauses, async (signal) => {
      const found = await this.#engine.get(key, { signal });
      return found && await new Response(found.stream).text();
    });
    if (text === undefined) throw new DiscoError(`${key} is missing`, { code: "server-error" });
    if (!await isSetsJson(text)) throw new DiscoError(`${key} holds no sets`, { code: "server-error" });
    this.#cache.set(key, text, text.length);
    return text;
  }
}

/** Cuts sets into pieces that are sets, too. */
async function* piecesOf(sets: SetsJson): AsyncGenerator<SetsJson, void> {
  let parts: SetsJson[] = [];
  let size = 0;
  for await (const batch of batchesInTurns(sets)) {
    const part = toJson(batch);
    if (size > 0 && size + part.length > MOST) {
      yield joinedSets("", parts);
      [parts, size] = [[], 0];
    }
    parts.push(part);
    size += part.length;
  }
  if (parts.length > 0) yield joinedSets("", parts);
}
