import type { DiscoError } from "../../../errors.ts";
import { parseObject } from "../../stores/object_names.ts";
import { refusal } from "../../stores/refusal.ts";
import { EMPTY_TAG } from "../../stores/tag_changes.ts";
import { tokensIn } from "../../stores/tag_content.ts";
import { Cache } from "../../stores/cache.ts";
import type { ObjectEngine } from "../bucket/engine.ts";
import { type Head, parseHead } from "./heads.ts";
import { headKey } from "../bucket/keys.ts";
import { patient, type Pauses } from "../bucket/requests.ts";

/** A head, as the store has it. */
export interface LoadedHead {
  /** Names this version of the object; `undefined` where there is none. */
  readonly etag: string | undefined;
  /** The head; `undefined` where there is none. Of a damaged one it has the tokens, as far as they are found. */
  readonly head: Head | undefined;
  /** The reason why the tag cannot be read. */
  readonly damage?: DiscoError | undefined;
}

/** The characters of heads that are kept in memory. */
const KEPT = 8 << 20;
/** The tags of which it is remembered that others write them. */
const SHARED = 10_000;

/** The heads of tags. */
export class Heads {
  readonly #engine: ObjectEngine;
  readonly #pauses: Pauses;
  readonly #cache = new Cache<LoadedHead>(KEPT);
  /** The tags that others write, too: what is remembered of them is most likely old. */
  readonly #shared = new Cache<boolean>(SHARED);

  constructor(engine: ObjectEngine, pauses: Pauses) {
    this.#engine = engine;
    this.#pauses = pauses;
  }

  /** Reads a head. */
  async load(name: string): Promise<LoadedHead> {
    const found = await patient(this.#pauses, async (signal) => {
      const { etag, stream } = await this.#engine.get(headKey(name), { signal }) ?? {};
      const kept = etag === undefined ? undefined : this.#cache.get(name);
      if (kept === undefined || kept.etag !== etag) return { etag, text: stream && await new Response(stream).text() };
      stream?.cancel().catch(() => {});
      return kept;
    });
    if ("head" in found) {
      this.#shared.delete(name);
      return found;
    }
    const { etag, text = "" } = found;
    if (this.#cache.get(name) !== undefined) this.#shared.set(name, true, 1);
    const loaded = { etag, ...(etag === undefined ? { head: undefined } : await read(name, text)) };
    this.keep(name, loaded, text.length);
    return loaded;
  }

  /** Gives a head as it was last, which may have changed since; nothing of a tag that others write, too. */
  kept(name: string): LoadedHead | undefined {
    return this.#shared.get(name) ? undefined : this.#cache.get(name);
  }

  /** Gives the stamp of a version that is there by now, or was; `undefined` if none is known. */
  seen(name: string): number | undefined {
    const loaded = this.#cache.get(name);
    return loaded && (parseObject(loaded.head?.id ?? "")?.stamp ?? 0);
  }

  /** Keeps a head that was stored. */
  keep(name: string, loaded: LoadedHead, size: number): void {
    this.#cache.set(name, loaded, size + 1000);
  }
}

async function read(name: string, text: string): Promise<Omit<LoadedHead, "etag">> {
  const head = await parseHead(text);
  if (head !== undefined) return { head };
  const content = { ...EMPTY_TAG, ...tokensIn(text), id: "", lastModified: "" };
  return {
    head: { id: "", content, segments: [], nodes: [], commits: [], keys: [] },
    damage: refusal(500, `Internal server error: corrupted_json (${headKey(name)} holds no tag)`, `tag://${name}`),
  };
}
