const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const LONE_SURROGATE = /\p{Surrogate}/u;
/** Up to this many bytes a loop is quicker than TextDecoder. */
const SHORT = 24;
/** The number of codes that String.fromCharCode is given at a time. */
const STEP = 8192;

const RAW_ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([uU])|[^])/g;
const QUOTED = /^(['"])([^]*)\1$/;
const STRING_ESCAPE = /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([^])|$)/g;
const ESCAPED: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The most bytes that UTF-8 needs for a UTF-16 code. */
export const UTF8_BYTES_PER_CODE = 3;

/**
 * Encodes text as UTF-8; a lone surrogate takes three bytes, as Python pickles it.
 *
 * @param out Where it goes: at least {@linkcode UTF8_BYTES_PER_CODE} times as many bytes as the text has codes.
 * @returns How many bytes it took.
 */
export function encodeUtf8(text: string, out: Uint8Array): number {
  if (!LONE_SURROGATE.test(text)) return encoder.encodeInto(text, out).written;
  let at = 0;
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (character.length === 1 && code >= 0xd800 && code <= 0xdfff) {
      out[at++] = 0xe0 | (code >> 12);
      out[at++] = 0x80 | ((code >> 6) & 0x3f);
      out[at++] = 0x80 | (code & 0x3f);
    } else at += encoder.encodeInto(character, out.subarray(at)).written;
  }
  return at;
}

/**
 * Decodes UTF-8 in which surrogates may stand alone.
 *
 * @returns The text; `undefined` if the bytes are not UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.length <= SHORT) {
    const text = asciiText(bytes);
    if (text !== undefined) return text;
  }
  try {
    return decoder.decode(bytes);
  } catch {
    return decodeWithSurrogates(bytes);
  }
}

/**
 * Reads bytes as Latin-1, a character a byte.
 *
 * @returns As many characters.
 */
export function decodeLatin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += STEP) {
    // Spread would go through an iterator, ten times as slow.
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + STEP) as unknown as number[]);
  }
  return text;
}

/**
 * Writes text as Latin-1, a byte a character.
 *
 * @returns As many bytes; `undefined` if a character is past U+00FF.
 */
export function encodeLatin1(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return undefined;
    bytes[i] = code;
  }
  return bytes;
}

/**
 * Decodes what Python calls raw-unicode-escape: Latin-1 with `\\uXXXX` and `\\UXXXXXXXX` in it.
 *
 * @returns The text; `undefined` if an escape is cut short or past U+10FFFF.
 */
export function decodeRawUnicode(bytes: Uint8Array): string | undefined {
  let isValid = true;
  const text = decodeLatin1(bytes).replace(RAW_ESCAPE, (match, short?: string, long?: string, broken?: string) => {
    if (short !== undefined) return String.fromCharCode(parseInt(short, 16));
    const code = long === undefined ? 0 : parseInt(long, 16);
    if (broken !== undefined || code > 0x10ffff) isValid = false;
    return long === undefined || !isValid ? match : String.fromCodePoint(code);
  });
  return isValid ? text : undefined;
}

/**
 * Decodes a byte string as Python 2 writes it in source: in quotes, with escapes.
 *
 * @returns The bytes it stands for; `undefined` if it has no quotes around it or a broken escape.
 */
export function decodeStringLiteral(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const [, , inner] = QUOTED.exec(decodeLatin1(bytes)) ?? [];
  if (inner === undefined) return undefined;
  let isValid = true;
  const text = inner.replace(STRING_ESCAPE, (match, hex?: string, octal?: string, other?: string) => {
    if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8) & 0xff);
    if (other === undefined || other === "x") isValid = false;
    return ESCAPED[other ?? ""] ?? match;
  });
  return isValid ? encodeLatin1(text) : undefined;
}

function asciiText(bytes: Uint8Array): string | undefined {
  let text = "";
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Decodes UTF-8 with surrogates in it. The byte 0xED never continues a character, and only in surrogates a byte from 0xA0 up follows it. */
function decodeWithSurrogates(bytes: Uint8Array): string | undefined {
  let text = "";
  let from = 0;
  try {
    for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + 1)) {
      const [, second = 0, third = 0] = bytes.subarray(at, at + 3);
      if (second < 0xa0 || second > 0xbf || third < 0x80 || third > 0xbf) continue;
      text += decoder.decode(bytes.subarray(from, at)) +
        String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f));
      from = at + 3;
    }
    return text + decoder.decode(bytes.subarray(from));
  } catch {
    return undefined;
  }
}
