import {
  type ByteSet,
  type Case,
  folded,
  MOST_SETS,
  negated,
  OTHERS,
  type Row,
  setOf,
  setOfCode,
  setOfEscape,
  windowsOf,
} from "./byte_sets.ts";

/** A part of an expression. */
export interface Part {
  /** Rows one of which is in all that it fits; nothing where none is known. */
  readonly rows: readonly Row[] | undefined;
  /** Rows one of which is in a text of ASCII if, and only if, it fits somewhere in that. */
  readonly wholes: readonly Row[] | undefined;
  /** Its only row, if it fits nothing else. */
  readonly fixed: Row | undefined;
}

/** Something that may be repeated: a place, one set or more, or anything else. */
type Atom = "place" | Row | Pick<Part, "rows">;

const QUANTIFIER = /^(?:[*+?]|\{(\d+)(,(\d*))?\})/;
const CONTROLS = new Map([["n", 10], ["r", 13], ["t", 9], ["v", 11], ["f", 12]]);
const UNKNOWN: Atom = { rows: undefined };
const NOTHING: Part = { rows: undefined, wholes: undefined, fixed: undefined };

/** Reads an expression that compiles. What it is not sure about makes all of it unknown. */
export class SetParser {
  /** False once something was not understood: then nothing is known. */
  isKnown = true;
  readonly #source: string;
  readonly #case: Case;
  readonly #dot: ByteSet;
  readonly #share: (row: Row) => number;
  #at = 0;

  /**
   * Prepares to read.
   *
   * @param share Tells how many places in the text have a row, of all.
   */
  constructor({ source, flags }: RegExp, share: (row: Row) => number) {
    this.#source = source;
    this.#share = share;
    this.#case = { isIgnored: flags.includes("i"), isUnicode: flags.includes("u") };
    this.#dot = { has: setOf((byte) => flags.includes("s") || byte !== 10 && byte !== 13), isExact: true };
  }

  /** Reads choices up to the end of the group that they are in, or that of the expression. */
  choices(): Part {
    const parts = [this.#sequence()];
    while (this.#took("|")) parts.push(this.#sequence());
    const all = (kind: "rows" | "wholes") =>
      parts.some((part) => part[kind] === undefined) ? undefined : parts.flatMap((part) => part[kind] ?? []);
    const [first = NOTHING] = parts;
    return { rows: all("rows"), wholes: all("wholes"), fixed: parts.length === 1 ? first.fixed : undefined };
  }

  #sequence(): Part {
    let best: { rows: readonly Row[]; share: number } | undefined;
    const consider = (rows: readonly Row[]) => {
      const share = rows.reduce((sum, row) => sum + this.#share(row), 0);
      if (best === undefined || share < best.share) best = { rows, share };
    };
    let run: ByteSet[] = [];
    const end = () => {
      for (const row of windowsOf(run)) consider([row]);
      run = [];
    };
    let whole: ByteSet[] | undefined = [];
    let isFixed = true;
    /** True after something that may be repeated, but for the first: what comes before and after it need not be neighbours. */
    let isOpen = false;
    while (this.#at < this.#source.length && !/[|)]/.test(this.#next())) {
      const atom = this.#atom();
      const [least, most] = this.#quantifier();
      if (atom === "place") whole = undefined;
      else if ("rows" in atom || least === 0) {
        end();
        whole = undefined;
        if ("rows" in atom && atom.rows !== undefined && least > 0) consider(atom.rows);
      } else {
        const copies = Array.from({ length: Math.min(least, MOST_SETS) }, () => atom).flat();
        const isSame = most === copies.length / atom.length;
        if (isOpen || least > MOST_SETS) whole = undefined;
        if (!isSame) {
          isOpen = whole?.length !== 0;
          isFixed = false;
        }
        whole?.push(...copies);
        run.push(...copies);
        if (!isSame) {
          end();
          run = copies;
        }
      }
    }
    end();
    if (whole !== undefined && (whole.length === 0 || windowsOf(whole)[0]?.length !== whole.length)) whole = undefined;
    const isEnough = whole?.every(({ isExact }) => isExact) === true;
    return {
      rows: best?.rows,
      wholes: isEnough && whole !== undefined ? [whole] : undefined,
      fixed: isFixed ? whole : undefined,
    };
  }

  #atom(): Atom {
    const character = this.#take();
    switch (character) {
      case "^":
      case "$":
        return "place";
      case "(":
        return this.#group();
      case "[":
        return [this.#class()];
      case ".":
        return [this.#dot];
      case "\\":
        return this.#escape();
      case "{":
      case "}":
      case "]":
        return this.#unknown();
      default:
        return [folded(setOfCode(this.#codeOf(character)), false, this.#case)];
    }
  }

  #group(): Atom {
    let kind: string | undefined = "";
    if (this.#took("?")) {
      kind = /^(?:[:=!]|<[=!]|<[^>]*>)/.exec(this.#source.slice(this.#at))?.[0];
      // Flags for a part.
      if (kind === undefined) return this.#unknown();
      this.#at += kind.length;
    }
    const part = this.choices();
    if (!this.#took(")")) return this.#unknown();
    return /[=!]$/.test(kind) ? "place" : part.fixed ?? { rows: part.rows };
  }

  #escape(): Atom {
    const next = this.#next();
    if (/[bB]/.test(next)) {
      this.#at++;
      return "place";
    }
    if (/[1-9]/.test(next)) {
      this.#at++;
      // What a group had, or an octal code of digits nobody counts.
      return /\d/.test(this.#next()) ? this.#unknown() : UNKNOWN;
    }
    const { has, isNegated } = this.#escaped();
    return [folded(has, isNegated, this.#case)];
  }

  /** Reads what follows a backslash, within a class or outside. */
  #escaped(): { has: Uint8Array; isNegated: boolean; code?: number } {
    const letter = this.#take();
    const has = setOfEscape(letter);
    if (has !== undefined) return { has, isNegated: letter < "a" };
    const hex = letter === "x" ? 2 : letter === "u" ? 4 : 0;
    const digits = this.#source.slice(this.#at, this.#at + hex);
    let code = CONTROLS.get(letter);
    if (hex > 0 && /^[\da-f]+$/i.test(digits) && digits.length === hex) {
      this.#at += hex;
      code = parseInt(digits, 16);
    } else if (/[^\da-z]/i.test(letter)) code = this.#codeOf(letter);
    if (code === undefined || code >= 0xd800 && code < 0xe000) {
      this.#unknown();
      code = 0;
    }
    return { has: setOfCode(code), isNegated: false, code };
  }

  #class(): ByteSet {
    const isNegated = this.#took("^");
    const all = new Uint8Array(OTHERS + 1);
    let hasNegated = isNegated;
    const item = () => {
      const character = this.#take();
      if (character === "\\") return this.#escaped();
      const code = this.#codeOf(character);
      return { has: setOfCode(code), isNegated: false, code };
    };
    while (this.#at < this.#source.length && !this.#took("]")) {
      const first = item();
      let { has } = first;
      hasNegated ||= first.isNegated;
      if (this.#next() === "-" && this.#source[this.#at + 1] !== "]") {
        this.#at++;
        const last = item();
        const [from, to] = [first.code, last.code];
        if (from === undefined || to === undefined) this.#unknown();
        else has = setOf((byte) => byte >= from && byte <= to || byte === OTHERS && to > OTHERS);
      }
      for (const [byte, is] of has.entries()) if (is === 1) all[byte] = 1;
    }
    if (!all.includes(1)) this.#unknown();
    return folded(isNegated ? negated(all) : all, hasNegated, this.#case);
  }

  /** Reads how often the last atom is repeated. */
  #quantifier(): [least: number, most: number] {
    const [all, least, comma, most] = QUANTIFIER.exec(this.#source.slice(this.#at)) ?? [];
    if (all === undefined) return [1, 1];
    this.#at += all.length;
    this.#took("?");
    if (least === undefined) return [all === "+" ? 1 : 0, all === "?" ? 1 : Infinity];
    const from = Number(least);
    return [from, comma === undefined ? from : most === "" ? Infinity : Number(most)];
  }

  /** The code of a character. Without the flag `u` one of two units is two to be repeated. */
  #codeOf(character: string): number {
    const code = character.codePointAt(0) ?? 0;
    if (code > 0xffff && !this.#case.isUnicode || code >= 0xd800 && code < 0xe000) this.#unknown();
    return code;
  }

  #next(): string {
    return this.#source[this.#at] ?? "";
  }

  #take(): string {
    const code = this.#source.codePointAt(this.#at);
    const character = code === undefined ? "" : String.fromCodePoint(code);
    this.#at += character.length;
    return character;
  }

  #took(character: string): boolean {
    const is = this.#next() === character;
    if (is) this.#at++;
    return is;
  }

  #unknown(): Atom {
    this.isKnown = false;
    this.#at = this.#source.length;
    return UNKNOWN;
  }
}
