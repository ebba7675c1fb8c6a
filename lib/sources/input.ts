import type { ByteSource } from "../base/byte_reader.ts";

/** One thing that an operation reads, whatever kind of source it comes from; it is opened when its turn comes. */
export interface Input {
  /** Its name, for messages and progress. */
  readonly label: string;
  /** The name that it brings along, valid for a blob; empty where the source has none. */
  readonly name: string;
  /** Its size in bytes, if it is known; what can be read is checked against it. */
  readonly size: number | undefined;
  /** True if it is stored in DDFS, and so may be a chunk. */
  readonly isStored: boolean;
  /** The number of replicas to read from. */
  readonly replicas: number;
  /** Gives it as a Blob, when it is in memory. */
  readonly blob?: () => Blob;
  /**
   * Opens it.
   *
   * @param start The first byte that is wanted; only stored inputs can be opened elsewhere than at 0.
   * @param avoid Replicas that turned out bad.
   */
  open(start?: number, avoid?: ReadonlySet<string>): Promise<Opened>;
}

/** An input that is open. */
export interface Opened {
  /** Its bytes, to be read once. */
  readonly bytes: ByteSource;
  /** The URL that they come from. */
  readonly url: string;
}

/**
 * Makes an input that is not stored in DDFS: it can be opened at its beginning only.
 *
 * @param input What is known of it, and its bytes.
 */
export function plainInput(
  { bytes, ...input }: Pick<Input, "label" | "name" | "size" | "blob"> & {
    bytes: () => ByteSource | Promise<ByteSource>;
  },
): Input {
  return {
    ...input,
    isStored: false,
    replicas: 1,
    open: async () => ({ bytes: await bytes(), url: input.label }),
  };
}
