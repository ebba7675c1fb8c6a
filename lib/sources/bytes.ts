import { memoryBytes } from "../base/bytes.ts";
import { isBlob } from "../base/byte_reader.ts";
import { baseName, safeName } from "../names.ts";
import { type Input, plainInput } from "./input.ts";

/** Makes the input of bytes in memory, or of a Blob or a File, which has a name; `undefined` if the source is of another kind. */
export function bytesInput(source: unknown): Input | undefined {
  if (isBlob(source)) return blobInput(source, "name" in source && typeof source.name === "string" ? source.name : "");
  const bytes = memoryBytes(source);
  return bytes && plainInput({
    label: `${bytes.length} bytes`,
    name: "",
    size: bytes.length,
    // A copy of them in a Blob is for requests alone: new memory can take longer than to compress what goes there.
    blob: () => new Blob([bytes]),
    bytes: () => bytes,
  });
}

/** Makes the input of a Blob, under a name or none. */
export function blobInput(blob: Blob, name: string): Input {
  const { size } = blob;
  return plainInput({
    label: name === "" ? `${size} bytes` : name,
    name: safeName(baseName(name)),
    size,
    blob: () => blob,
    bytes: () => blob,
  });
}
