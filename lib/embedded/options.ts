import { check, checkOptions, FLAG, FUNCTION, invalid, isObject, type OptionNames } from "../check.ts";
import { DiscoError } from "../errors.ts";
import { UI } from "../explorer_page/chosen.ts";
import type { Explorer } from "../explorer_page/mod.ts";
import type { ObjectEngine } from "./objects/bucket/engine.ts";
import type { Origins } from "./cors.ts";
import type { TrustProxy } from "./places.ts";
import type { Store, StoreSetup } from "./stores/store.ts";

/** The limits beyond which an embedded DDFS refuses a request. The defaults are those of Disco. */
export interface EmbeddedLimits {
  /**
   * The most bytes of a blob.
   *
   * @default {1099511627776}
   */
  blobBody?: number | undefined;
  /**
   * The most bytes of a body with URLs or an attribute, and of all that are sent at the same time.
   *
   * @default {536870912}
   */
  tagBody?: number | undefined;
  /**
   * The most sets and URLs, both counted, of a body.
   *
   * @default {8388608}
   */
  tagItems?: number | undefined;
  /**
   * The most attributes of a tag.
   *
   * @default {1000}
   */
  attributes?: number | undefined;
  /**
   * The most bytes of an attribute's name.
   *
   * @default {1024}
   */
  attributeName?: number | undefined;
  /**
   * The most bytes of an attribute's value, as JSON.
   *
   * @default {4096}
   */
  attributeValue?: number | undefined;
  /**
   * The most milliseconds that pass without a byte of a body.
   *
   * @default {60000}
   */
  stall?: number | undefined;
}

/** Options of {@linkcode embedded}. */
export interface EmbeddedOptions {
  /**
   * The folder that holds the data, as a real node's does: its path or its URL, `file:///...`. Without one, everything is in memory. Deno, Node and
   * Bun only.
   */
  root?: string | URL | undefined;
  /**
   * A store of your own in place of memory or a folder, or a function that opens it. It is opened before the first request, or by
   * {@linkcode Embedded.ready}; a function is called again when it failed. {@linkcode Embedded.close} closes it.
   */
  store?: (Store | ((setup: StoreSetup) => Promise<Store>)) | undefined;
  /**
   * An object store that keeps the data: S3, what speaks it, R2. Any number of DDFSs, in whichever processes, may use one at the same time. They have one
   * name in common, which is wanted as `nodes`, `["ddfs.example.org"]`: URLs in tags outlive the process that wrote them.
   */
  objects?: ObjectEngine | undefined;
  /**
   * Answers the GET of a blob by a redirection to a URL at which the object store gives it to anybody, for an hour: the bytes do not pass through here.
   * Pages get the bytes from here, as they may not read those of another origin, and so does who asks for ranges that the store would answer otherwise.
   * Only with `objects` that make such URLs.
   *
   * @default {false}
   */
  redirect?: boolean | undefined;
  /**
   * The nodes: their host names, or how many there are: `127.0.0.1`, `127.0.0.2` and so on. A single one, given as a
   * number, answers to every name; its data is in `root/vol0`. Named ones have `root/NAME/vol0`.
   *
   * @default {1}
   */
  nodes?: number | readonly string[] | undefined;
  /**
   * The master's host name. It may be one of the nodes, or none. Hosts that are no nodes lead to the master, too.
   *
   * @default {the first node}
   */
  master?: string | undefined;
  /**
   * The number of nodes that hold a blob, unless a request says otherwise.
   *
   * @default {1}
   */
  replicas?: number | undefined;
  /**
   * The number of nodes that hold a tag.
   *
   * @default {replicas}
   */
  tagReplicas?: number | undefined;
  /**
   * Lets pages of other origins use it: of all (`true`), of one, or of those listed. The pages of others, whose answers a browser keeps from them
   * only, change nothing; those of the DDFS's own host do.
   *
   * @default {false}
   */
  cors?: boolean | string | readonly string[] | undefined;
  /**
   * Believes a proxy in front that says by which host and scheme it was asked: in `X-Forwarded-Host` and `X-Forwarded-Proto` (`"x-forwarded"`), in
   * `Forwarded` (`"forwarded"`), or in the first ones, and where these are missing in the second (`true`). Stored URLs and those to put blobs to are made
   * of it. The proxy must set the headers itself whatever a client sends, and nothing else may reach this DDFS; the room's README has recipes.
   *
   * @default {false}
   */
  trustProxy?: boolean | "x-forwarded" | "forwarded" | undefined;
  /**
   * The token for the control calls that change something or read every tag: `gc_start`, `hosted_tags`, the blacklists and whitelists. Without one,
   * everybody may make them. A client sends it as it sends the tokens of tags.
   */
  adminToken?: string | undefined;
  /**
   * Milliseconds that a blob is kept when no tag has it: as long may pass between its upload and the tag that gets it. In a bucket, one that is shorter
   * than what others who use it rely on is refused when it is opened (code `invalid-argument`).
   *
   * @default {432000000}
   */
  orphanAge?: number | undefined;
  /** The limits beyond which requests are refused. */
  limits?: EmbeddedLimits | undefined;
  /**
   * Serves the explorer at `/ui/`: a page that shows what is stored, and changes it. It may do what others may: tokens are typed in. In what is
   * bundled for a Worker or a page, give it: the `explorer` of `./ui`. It is not in their bundles otherwise.
   *
   * @default {false}
   */
  ui?: boolean | Explorer | undefined;
  /**
   * Tells the time, in milliseconds since 1970.
   *
   * @default {Date.now}
   */
  now?: (() => number) | undefined;
  /**
   * Gives a number from 0 up to 1: nodes are chosen by it.
   *
   * @default {Math.random}
   */
  random?: (() => number) | undefined;
  /**
   * Called with each failure of the store, for a log: its message and its causes may name folders and addresses, of which the answer says nothing.
   */
  onError?: ((error: unknown, request: Request) => void) | undefined;
  /** Calls a function after some milliseconds, and gives one that calls it off. The default is `setTimeout`. */
  after?: ((milliseconds: number, run: () => void) => () => void) | undefined;
}

/** The options that say where the data is, and what they must be. */
export const PLACES: OptionNames<Pick<EmbeddedOptions, "root" | "store" | "objects">> = {
  root: ['it must be the path of a folder, or its URL, "file:///..."', isRoot],
  store: ["it must be a store, or a function that opens one", isStore],
  objects: ["it must be an object store, as s3Objects() and r2Objects() make it", isEngine],
};
/** The names of the options; the types say that none is missing. */
const NAMES: OptionNames<EmbeddedOptions> = {
  ...PLACES,
  ...{ nodes: true, master: true, replicas: true, tagReplicas: true },
  ...{ cors: true, trustProxy: true, adminToken: true, orphanAge: true, limits: true },
  ...{ redirect: FLAG, ui: UI, onError: FUNCTION, now: FUNCTION, random: FUNCTION, after: FUNCTION },
};
const LIMITS: OptionNames<EmbeddedLimits> = {
  ...{ blobBody: true, tagBody: true, tagItems: true, attributes: true, attributeName: true, attributeValue: true },
  stall: true,
};

/**
 * Checks all options but those that the nodes check.
 *
 * @throws {DiscoError} If one has a name or a value that it cannot have (code `invalid-argument`).
 */
export function checkEmbeddedOptions(options: EmbeddedOptions): void {
  checkOptions("embedded()", options, NAMES);
  const { root, store, objects, redirect, nodes, cors, trustProxy, adminToken, orphanAge, limits = {} } = options;
  const [place, another] = Object.entries({ root, store, objects }).flatMap(([name, value]) =>
    value === undefined ? [] : [name]
  );
  if (another !== undefined) {
    throw new DiscoError(`Give either ${place} or ${another}, not both: they say where the data is`, {
      code: "invalid-argument",
    });
  }
  if (objects !== undefined && !Array.isArray(nodes)) {
    throw invalid(
      "nodes",
      nodes,
      'with objects it must be the name that all have in common, like ["ddfs.example.org"]',
    );
  }
  if (redirect === true && objects?.link === undefined) {
    throw invalid("redirect", redirect, "it wants objects whose store makes URLs to read from");
  }
  checkOrigins(cors);
  check("trustProxy", trustProxy, isTrust, 'it must be true, false, "x-forwarded" or "forwarded"');
  // The value is a secret, even a wrong one.
  if (adminToken !== undefined && (typeof adminToken !== "string" || adminToken === "")) {
    throw invalid("adminToken", typeof adminToken, "it must be a text that is not empty");
  }
  check("orphanAge", orphanAge, isAmount, "it must be milliseconds, 0 or more");
  checkOptions("limits of embedded()", limits, LIMITS);
  const { stall, ...amounts } = limits;
  for (const [name, value] of Object.entries(amounts)) check(`limits.${name}`, value, isAmount, "it must be 0 or more");
  check("limits.stall", stall, (value) => isAmount(value) && value > 0, "it must be more than 0 milliseconds");
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}

function isTrust(value: unknown): value is TrustProxy {
  return typeof value === "boolean" || value === "x-forwarded" || value === "forwarded";
}

function isEngine(value: unknown): boolean {
  return isObject(value) && ["get", "head", "put", "list", "delete"].every((name) => typeof value[name] === "function");
}

function isStore(value: unknown): boolean {
  return typeof value === "function" || isOpenStore(value);
}

function isOpenStore(value: unknown): boolean {
  return isObject(value) && isObject(value.volumes) && isObject(value.tags);
}

/**
 * Checks what a function that opens a store gave.
 *
 * @throws {DiscoError} If it is no store (code `invalid-argument`).
 */
export function checkStore(store: Store): Store {
  if (isOpenStore(store)) return store;
  throw invalid("result of store()", store, "it must open a store, and give it");
}

/** A path, or the URL of a file; a URL of another kind would be the name of a folder. */
function isRoot(root: unknown): boolean {
  const text = root instanceof URL ? root.href : root;
  if (typeof text !== "string" || text === "") return false;
  if (!/^file:/i.test(text)) return !(root instanceof URL) && !/^[a-z][a-z0-9+.-]+:\/\//i.test(text);
  return URL.canParse(text) && /^file:\/\//i.test(text);
}

/** Checks a number of replicas. */
export function checkedCount(name: string, value: number, nodes: number): number {
  const isCount = Number.isInteger(value) && value >= 1 && value <= nodes;
  if (!isCount) {
    throw invalid(name, value, `it must be a whole number from 1 to ${nodes}, which is how many nodes there are`);
  }
  return value;
}

function checkOrigins(origins: Origins = false): void {
  if (typeof origins === "boolean") return;
  const listed: unknown[] = Array.isArray(origins) ? origins : [origins];
  const wrong = listed.findIndex((origin) => !isOrigin(origin));
  if (wrong >= 0) throw invalid("cors", listed[wrong], 'it must be true, false, or origins like "https://example.org"');
}

function isOrigin(value: unknown): boolean {
  return typeof value === "string" && /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/.test(value);
}
