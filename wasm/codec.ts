import { buildCrcTables } from "./checksum";
import { buildRepeats } from "./copies";
import { buildEntries } from "./decode_tables";
import { HEAP } from "./memory";
import { buildSymbolTables } from "./tables";
import { buildPlaces } from "./tokens";

export { crc32 } from "./checksum";
export { deflate, deflateBound } from "./deflate";
export { failure } from "./failure";
export { inflate } from "./inflate";
export { SLACK as slack } from "./memory";
export { findText } from "./search";
export { consumed, findByteStrings, pickleLines, records, rest, tooLarge } from "./records";

/** Where the host's memory begins. */
export const heap: usize = HEAP;

buildCrcTables();
buildSymbolTables();
buildEntries();
buildRepeats();
buildPlaces();
