import { CommandError } from "./exit_status.ts";

/** A regular file in an archive. */
export interface TarMember {
  /** Its path in the archive. */
  readonly path: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Its content, to be read before the next member is asked for; what is left of it is passed over. */
  content(): AsyncGenerator<Uint8Array<ArrayBuffer>, void>;
}

const BLOCK = 512;

/**
 * Reads the regular files of a tar archive, in the formats of POSIX (ustar, pax) and GNU.
 *
 * @param parts The bytes of the archive.
 * @param label What it is, for errors.
 * @throws {CommandError} If it is no tar archive, or ends too early.
 */
export async function* tarMembers(
  parts: AsyncIterator<Uint8Array<ArrayBuffer>>,
  label: string,
): AsyncGenerator<TarMember, void> {
  const reader = new BlockReader(parts, label);
  let pax = new Map<string, string>();
  let longName: string | undefined;
  for (;;) {
    const header = await reader.block();
    if (header === undefined || header.every((byte) => byte === 0)) return;
    const { path, size, kind } = headerOf(header, label);
    if (kind === "x" || kind === "g" || kind === "L" || kind === "K") {
      const bytes = await reader.whole(size);
      if (kind === "x") pax = paxOf(bytes);
      if (kind === "L") longName = textOf(bytes);
      continue;
    }
    const real = { path: pax.get("path") ?? longName ?? path, size: Number(pax.get("size") ?? size) };
    pax = new Map();
    longName = undefined;
    const content = reader.content(real.size);
    // "0", and NUL in old archives, are regular files; a folder ends with a slash there.
    if ((kind === "0" || kind === "\0" || kind === "7") && !real.path.endsWith("/")) {
      yield {
        ...real,
        content: () => content,
      };
    }
    for await (const _ of content);
    await reader.pad(real.size);
  }
}

/** Reads an archive block by block. */
class BlockReader {
  readonly #parts: AsyncIterator<Uint8Array<ArrayBuffer>>;
  readonly #label: string;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array();

  constructor(parts: AsyncIterator<Uint8Array<ArrayBuffer>>, label: string) {
    this.#parts = parts;
    this.#label = label;
  }

  /** The next block; nothing at the end. */
  async block(): Promise<Uint8Array | undefined> {
    if (this.#rest.length === 0 && !await this.#more()) return undefined;
    return await this.whole(BLOCK, false);
  }

  /** So many bytes at once, and what fills up their last block. */
  async whole(size: number, isPadded: boolean = true): Promise<Uint8Array> {
    if (size > 1 << 20) throw this.#bad("it has a name of more than a megabyte");
    const bytes = new Uint8Array(size);
    let at = 0;
    for await (const part of this.content(size)) {
      bytes.set(part, at);
      at += part.length;
    }
    if (isPadded) await this.pad(size);
    return bytes;
  }

  /** So many bytes, as they come. */
  async *content(size: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    for (let left = size; left > 0;) {
      if (this.#rest.length === 0 && !await this.#more()) throw this.#bad("it ends too early");
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  /** Passes over what fills up the last block of so many bytes. */
  async pad(size: number): Promise<void> {
    for await (const _ of this.content((BLOCK - size % BLOCK) % BLOCK));
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#parts.next();
      if (done) return false;
      this.#rest = value;
      if (value.length > 0) return true;
    }
  }

  #bad(why: string): CommandError {
    return new CommandError(`${this.#label} is no tar archive: ${why}`);
  }
}

interface Header {
  readonly path: string;
  readonly size: number;
  readonly kind: string;
}

function headerOf(block: Uint8Array, label: string): Header {
  const text = (start: number, length: number) => textOf(block.subarray(start, start + length));
  const sum = block.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (sum !== parseInt(text(148, 8).trim(), 8)) {
    throw new CommandError(`${label} is no tar archive: a header has a wrong checksum`);
  }
  const isUstar = text(257, 5) === "ustar" && block[262] === 0;
  const prefix = isUstar ? text(345, 155) : "";
  return {
    path: prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    size: sizeOf(block.subarray(124, 136)),
    kind: String.fromCharCode(block[156] ?? 0),
  };
}

/** Octal digits; or, in GNU's archives, a number in base 256. */
function sizeOf(field: Uint8Array): number {
  const [first = 0] = field;
  if (first < 128) return parseInt(textOf(field).trim() || "0", 8);
  return field.subarray(1).reduce((value, byte) => value * 256 + byte, first & 0x7f);
}

/** The records of a pax header: `LENGTH KEY=VALUE\n`. */
function paxOf(bytes: Uint8Array): Map<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const length = Number(textOf(bytes.subarray(at, space)));
    if (space < 0 || !(length > 0)) break;
    const record = textOf(bytes.subarray(space + 1, at + length - 1));
    const equals = record.indexOf("=");
    found.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return found;
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
