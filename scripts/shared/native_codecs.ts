// The fastest native codecs, called in process, where they are installed (Debian: libdeflate0, libisal2) and the runtime is Deno.

/** A native codec for zlib streams. */
export interface NativeCodec {
  /** What tables call it. */
  readonly name: string;
  /** The levels that it has. */
  readonly levels: readonly number[];
  /** Compresses; returns a view that the next call overwrites. */
  deflate(bytes: Uint8Array<ArrayBuffer>, level: number): Uint8Array<ArrayBuffer>;
  /** Decompresses at most so many bytes; returns a view that the next call overwrites. */
  inflate(stream: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer>;
}

type Loader = (dlopen: typeof Deno.dlopen, pointer: typeof Deno.UnsafePointer) => NativeCodec;

/**
 * Loads the native codecs.
 *
 * @param onMissing Told the name of each that is not there, and why.
 * @returns Those that are there.
 */
export function nativeCodecs(onMissing: (name: string, cause: unknown) => void): NativeCodec[] {
  const host = (globalThis as { readonly Deno?: typeof Deno }).Deno;
  const found: NativeCodec[] = [];
  for (const [name, load] of Object.entries<Loader>({ libdeflate, igzip })) {
    try {
      if (host === undefined) throw new TypeError("it is called by Deno only");
      found.push(load(host.dlopen, host.UnsafePointer));
    } catch (cause) {
      onMissing(name, cause);
    }
  }
  return found;
}

/** Room for an output: of a compressor, what no compressor exceeds. */
class Room {
  #bytes = new Uint8Array(1 << 21);

  /** So many bytes, or more. */
  of(size: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length < size) this.#bytes = new Uint8Array(2 * size);
    return this.#bytes;
  }

  /** Room for what `size` bytes are compressed to. */
  for(size: number): Uint8Array<ArrayBuffer> {
    return this.of(size + (size >> 4) + 1024);
  }
}

function libdeflate(dlopen: typeof Deno.dlopen): NativeCodec {
  const { symbols } = dlopen("libdeflate.so.0", {
    libdeflate_alloc_compressor: { parameters: ["i32"], result: "pointer" },
    libdeflate_zlib_compress: { parameters: ["pointer", "buffer", "usize", "buffer", "usize"], result: "usize" },
    libdeflate_alloc_decompressor: { parameters: [], result: "pointer" },
    libdeflate_zlib_decompress: {
      parameters: ["pointer", "buffer", "usize", "buffer", "usize", "buffer"],
      result: "i32",
    },
  });
  const compressors = new Map<number, Deno.PointerValue>();
  const decompressor = symbols.libdeflate_alloc_decompressor();
  const room = new Room();
  const written = new BigUint64Array(1);
  return {
    name: "libdeflate",
    levels: [1, 3, 6, 9, 12],
    deflate(bytes, level) {
      const compressor = compressors.get(level) ?? symbols.libdeflate_alloc_compressor(level);
      compressors.set(level, compressor);
      const out = room.for(bytes.length);
      const size = symbols.libdeflate_zlib_compress(
        compressor,
        bytes,
        BigInt(bytes.length),
        out,
        BigInt(out.length),
      );
      return out.subarray(0, Number(size));
    },
    inflate(stream, size) {
      const out = room.of(size);
      const failure = symbols.libdeflate_zlib_decompress(
        decompressor,
        stream,
        BigInt(stream.length),
        out,
        BigInt(size),
        written,
      );
      if (failure !== 0) throw new TypeError(`libdeflate: ${failure}`);
      return out.subarray(0, Number(written[0]));
    },
  };
}

/** Places in `struct isal_zstream` and `struct inflate_state` of ISA-L 2.30 (igzip_lib.h), and what is there. */
const ISAL = { stream: 82_384, state: 87_368, zlib: 3, levelBuffer: 1 << 19 } as const;

function igzip(dlopen: typeof Deno.dlopen, pointer: typeof Deno.UnsafePointer): NativeCodec {
  const { symbols } = dlopen("libisal.so.2", {
    isal_deflate_init: { parameters: ["buffer"], result: "void" },
    isal_deflate: { parameters: ["buffer"], result: "i32" },
    isal_inflate_init: { parameters: ["buffer"], result: "void" },
    isal_inflate: { parameters: ["buffer"], result: "i32" },
  });
  const state = new DataView(new ArrayBuffer(Math.max(ISAL.stream, ISAL.state)));
  const levelBuffer = new Uint8Array(ISAL.levelBuffer);
  const room = new Room();
  // An empty array has no address; nothing is read there.
  const address = (bytes: Uint8Array<ArrayBuffer>) => pointer.value(pointer.of(bytes.length > 0 ? bytes : levelBuffer));
  return {
    name: "igzip",
    levels: [0, 1, 2, 3],
    deflate(bytes, level) {
      const out = room.for(bytes.length);
      symbols.isal_deflate_init(state);
      state.setBigUint64(0, BigInt(address(bytes)), true);
      state.setUint32(8, bytes.length, true);
      state.setBigUint64(16, BigInt(address(out)), true);
      state.setUint32(24, out.length, true);
      state.setUint32(40, level, true);
      state.setUint32(44, levelBuffer.length, true);
      state.setBigUint64(48, BigInt(address(levelBuffer)), true);
      state.setUint16(56, 1, true);
      state.setUint16(60, ISAL.zlib, true);
      const failure = symbols.isal_deflate(state);
      if (failure !== 0) throw new TypeError(`igzip: ${failure}`);
      return out.subarray(0, state.getUint32(28, true));
    },
    inflate(stream, size) {
      const out = room.of(size);
      symbols.isal_inflate_init(state);
      state.setBigUint64(0, BigInt(address(out)), true);
      state.setUint32(8, size, true);
      state.setBigUint64(16, BigInt(address(stream)), true);
      state.setUint32(32, stream.length, true);
      state.setUint32(21_172, ISAL.zlib, true);
      const failure = symbols.isal_inflate(state);
      if (failure !== 0) throw new TypeError(`igzip: ${failure}`);
      return out.subarray(0, state.getUint32(12, true));
    },
  };
}
