import { md5 } from "@noble/hashes/legacy.js";
import { invalid } from "../../check.ts";

/** The most characters of a tag's name whose file can be written. */
export const MAX_WRITTEN_TAG = 234;
/** The most characters of a blob's name that are kept as they are. */
const MAX_KEPT_NAME = 200;
/** The most bytes of a file's name. */
const MAX_OBJECT = 255;

/** The last moment that a date can be, in milliseconds since 1970. */
const LATEST = 8.64e15;

const NAME = /^[A-Za-z0-9_\-@:]{1,511}$/;
const OBJECT = /^(\+?[A-Za-z0-9_\-@:]{1,511})\$([0-9A-Fa-f]+(?:-+[0-9A-Fa-f]+)*)$/;

/** A character of a name, and a stamp with the `$` before it. */
const NAME_CHARACTER = /[A-Za-z0-9_\-@:]/;
const STAMP = /\$[0-9A-Fa-f]+(?:-+[0-9A-Fa-f]+)*/y;
/** The most times that a URL is decoded: nobody means what is encoded more often, and a long one could be so for hours. */
const MOST_DECODED = 8;

/** Tells whether a text is the name of a tag or of a blob. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** Tells whether a text is the name of a stored object that fits into a file's name. */
export function isStorable(object: string): boolean {
  return object.length <= MAX_OBJECT && OBJECT.test(object);
}

/** Takes an object's name, `NAME$STAMP`, apart; the stamp in microseconds, its order is what counts. */
export function parseObject(object: string): { name: string; stamp: number } | undefined {
  const [, name, stamp] = OBJECT.exec(object) ?? [];
  if (name === undefined || stamp === undefined) return undefined;
  const [mega = 0, seconds = 0, micro = 0] = stamp.split(/-+/).map((field) => parseInt(field, 16));
  return { name, stamp: (mega * 1e6 + seconds) * 1e6 + micro };
}

/**
 * Finds all that may be the name of a stored object in a URL, however it is spelled: `%24` for `$`, a query, a fragment, another host or path.
 * It finds rather too much than too little.
 */
export function objectsIn(url: string): string[] {
  const found: string[] = [];
  let text = url;
  for (let i = 0; i <= MOST_DECODED; i++) {
    for (const object of plainObjects(text)) found.push(object);
    const decoded = text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    if (decoded === text) break;
    text = decoded;
  }
  return found;
}

/**
 * Finds names of objects that follow each other in a text. It looks from each `$` to both sides, so that its time grows with the text's length alone: whoever
 * may write a tag decides how long its URLs are.
 */
function* plainObjects(text: string): Generator<string, void> {
  let end = 0;
  for (let at = text.indexOf("$"); at >= 0; at = text.indexOf("$", at + 1)) {
    STAMP.lastIndex = at;
    const [stamp] = STAMP.exec(text) ?? [];
    if (stamp === undefined) continue;
    let start = at;
    while (start > end && NAME_CHARACTER.test(text.charAt(start - 1))) start--;
    if (start === at) continue;
    end = at + stamp.length;
    yield text.slice(start, end);
  }
}

/** Tells whether a blob may be put under this name: a valid name, `$`, and any hexadecimal fields. */
export function isBlobObject(object: string): boolean {
  return !object.startsWith("+") && OBJECT.test(object);
}

/** Shortens a blob's name to what a file can be called: its MD5 when it is over 200 characters. */
export function shortName(name: string): string {
  return name.length > MAX_KEPT_NAME ? hex(md5(new TextEncoder().encode(name))) : name;
}

/** The object whose folder was asked for last: who puts a blob asks for its path, and then its store does. */
let last = { object: "", folder: "d4" };

/** Gives the folder that an object is in: the first byte of its name's MD5, as two hexadecimal digits. */
export function folderOf(object: string): string {
  if (last.object !== object) {
    last = { object, folder: hex(md5(new TextEncoder().encode(object)).subarray(0, 1)) };
  }
  return last.folder;
}

/** Gives the path of an object below its node's folder, which is also the path in its URL. */
export function pathOf(kind: "blob" | "tag", object: string): string {
  return `vol0/${kind}/${folderOf(object)}/${object}`;
}

/**
 * Gives time stamps that differ and grow, whatever the clock does.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 */
export class Stamps {
  readonly #now: () => number;
  readonly #random: (() => number) | undefined;
  #last = 0;

  /**
   * @param now Tells the time in milliseconds since 1970.
   * @param random Gives a number from 0 up to 1, where others stamp at the same time: clocks tell milliseconds, and what is below these is by chance.
   * @throws {DiscoError} If `now` gives no time (code `invalid-argument`).
   */
  constructor(now: () => number, random?: () => number) {
    this.#now = () => checkedTime(now());
    this.#now();
    this.#random = random;
  }

  /** Stamps a name: `NAME$MEGASECONDS-SECONDS-MICROSECONDS`, later than every stamp before it and than `after`, in microseconds. */
  stamp(name: string, after = 0): string {
    const now = this.#random === undefined
      ? Math.floor(this.#now() * 1000)
      : Math.floor(this.#now()) * 1000 + Math.floor(this.#random() * 1000);
    this.#last = Math.max(now, this.#last + 1, after + 1);
    const fields = [Math.floor(this.#last / 1e12), Math.floor(this.#last / 1e6) % 1e6, this.#last % 1e6];
    return `${name}$${fields.map((field) => field === 0 ? "00" : field.toString(16)).join("-")}`;
  }

  /** Gives the node's local time as tags show it: `YYYY/MM/DD HH:MM:SS`. */
  date(): string {
    const date = new Date(this.#now());
    const two = (part: number) => String(part).padStart(2, "0");
    const day = `${date.getFullYear()}/${two(date.getMonth() + 1)}/${two(date.getDate())}`;
    return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  }
}

/**
 * Checks what a clock says.
 *
 * @throws {DiscoError} If that is no time (code `invalid-argument`).
 */
function checkedTime(time: number): number {
  if (Math.abs(time) <= LATEST) return time;
  throw invalid("answer of now", time, "it must be milliseconds since 1970");
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
