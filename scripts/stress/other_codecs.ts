import { spawnSync } from "node:child_process";
import type { OtherCodec } from "../../tests/helpers/codec_zlib.ts";

type OnMissing = (name: string, cause: unknown) => void;

/** A registry's package is not a dependency: it is loaded where there is a network. */
const PAKO = "npm:pako@2.1.0";
/** The bytes before and after the deflate stream in what 7-Zip makes of its standard input. */
const GZIP = { header: 10, trailer: 8 } as const;

/** Gives the codecs of packages that can be loaded. */
export async function packageCodecs(onMissing: OnMissing): Promise<OtherCodec[]> {
  try {
    const pako = await import(PAKO) as {
      deflate(bytes: Uint8Array, options: { level: number }): Uint8Array;
      inflate(stream: Uint8Array): Uint8Array;
    };
    const deflate = (bytes: Uint8Array, level: number) => pako.deflate(bytes, { level });
    return [{ name: "pako", levels: [1, 4, 6, 9], deflate, inflate: (stream) => pako.inflate(stream) }];
  } catch (cause) {
    onMissing("pako", cause);
    return [];
  }
}

/** Gives the codecs that are commands. */
export function commandCodecs(onMissing: OnMissing): OtherCodec[] {
  const all: (OtherCodec & { readonly command: string })[] = [
    {
      name: "zopfli",
      command: "zopfli",
      levels: [1, 5],
      deflate(bytes, level) {
        const file = Deno.makeTempFileSync();
        try {
          Deno.writeFileSync(file, bytes);
          return output("zopfli", ["-c", "--zlib", `--i${level}`, file]);
        } finally {
          Deno.removeSync(file);
        }
      },
    },
    {
      name: "7-Zip",
      command: "7z",
      levels: [1, 5, 9],
      deflate(bytes, level) {
        const gzip = output("7z", ["a", "-tgzip", `-mx${level}`, "-si", "-so", "-an"], bytes);
        return zlibOf(gzip.subarray(headerSize(gzip), gzip.length - GZIP.trailer), bytes);
      },
    },
  ];
  return all.filter(({ name, command }) => {
    const { error } = spawnSync(command, ["--help"]);
    if (error !== undefined) onMissing(name, error);
    return error === undefined;
  });
}

function output(command: string, args: readonly string[], input?: Uint8Array): Uint8Array {
  const { stdout, status } = spawnSync(command, args, { input, maxBuffer: 1 << 28 });
  if (status !== 0) throw new TypeError(`${command} ends with ${status}`);
  return stdout;
}

/** The size of a gzip header, which may name a file. */
function headerSize(gzip: Uint8Array): number {
  const named = ((gzip[3] ?? 0) & 8) !== 0;
  return named ? gzip.indexOf(0, GZIP.header) + 1 : GZIP.header;
}

/** Makes a zlib stream of a deflate stream and what it yields. */
function zlibOf(deflated: Uint8Array, bytes: Uint8Array): Uint8Array {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return Uint8Array.of(0x78, 0xda, ...deflated, b >> 8, b & 255, a >> 8, a & 255);
}
