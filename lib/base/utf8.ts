/** Reads UTF-8 as Python does: a byte order mark is a character, and what is not UTF-8 becomes U+FFFD. */
export const utf8: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
