import { readFile } from "node:fs/promises";
import { type Dialect, recordBatches } from "../../lib/records/mod.ts";
import { bytesOf, joined } from "./bytes.ts";

/** A hunk, as a manifest describes it. */
export interface GoldenHunk {
  readonly compressed: 0 | 1;
  readonly crc32: number;
  readonly offset: number;
  readonly records: number;
  readonly stored_size: number;
  readonly uncompressed_size: number;
}

/** A chunk that Disco's own library wrote, and what is in it. */
export interface GoldenCase {
  readonly name: string;
  /** What was chunked, where it was text. */
  readonly input?: { readonly file: string; readonly sha256: string; readonly size: number };
  readonly chunks?: readonly { readonly file: string; readonly size: number; readonly hunks?: readonly GoldenHunk[] }[];
  /** The records, where they were values. */
  readonly record_pickles?: readonly { readonly pickle_hex: string | null; readonly repr: string }[];
  /** The records of the old format. */
  readonly pairs?: readonly (readonly [string, string])[];
  readonly records?: number;
  readonly error?: { readonly message: string };
  readonly chunker?: { readonly max_record_size: number };
}

/** A Python whose chunks there are. */
export interface GoldenPython {
  readonly name: "py27" | "py3";
  readonly dialect: Dialect;
}

/** Both of them. */
export const PYTHONS: readonly GoldenPython[] = [
  { name: "py27", dialect: "py2" },
  { name: "py3", dialect: "py3" },
];

const FOLDER = new URL("../testdata/golden/", import.meta.url);

/** The cases of a Python's manifest. */
export async function goldenCases(python: GoldenPython): Promise<readonly GoldenCase[]> {
  return JSON.parse(await readFile(new URL(`${python.name}/manifest.json`, FOLDER), "utf8")).cases;
}

/** A golden chunk; `undefined` where there are no records. */
export async function goldenChunk(python: GoldenPython, { chunks }: GoldenCase): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(new URL(`${python.name}/${chunks?.[0]?.file}`, FOLDER)));
}

/** What was chunked; large inputs are made here, or read back from a chunk, and judged by their SHA-256. */
export async function goldenInput({ name, input }: GoldenCase): Promise<Uint8Array<ArrayBuffer>> {
  const make = MADE[name];
  return make === undefined ? new Uint8Array(await readFile(new URL(`inputs/${input?.file}`, FOLDER))) : await make();
}

const MADE: Readonly<Record<string, () => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>>> = {
  long_lines: () =>
    bytesOf([253, 254, 255, 256, 257, 1000, 65535, 65536, 70000].map((n) => "x".repeat(n) + "\n").join("")),
  record_over_1MiB: () => bytesOf("y".repeat(1048576) + "\n"),
  hunk_1MiB_plus_two_records_py2: () => bytesOf(("z".repeat(1015) + "\n").repeat(1026)),
  several_hunks: async () => {
    const chunk = await readFile(new URL("py27/several_hunks.chunk", FOLDER));
    const parts: Uint8Array[] = [];
    for await (const batch of recordBatches(chunk)) parts.push(...batch as Uint8Array[]);
    return joined(parts);
  },
};
