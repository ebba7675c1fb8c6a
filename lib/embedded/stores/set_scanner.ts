/** The states of a scanner, by what may come next in a list of sets. */
const LIST = 0;
const FIRST_SET = 1;
const FIRST_URL = 2;
const IN_URL = 3;
const ESCAPED = 4;
const AFTER_URL = 5;
const URL = 6;
const AFTER_SET = 7;
const SET = 8;
const END = 9;

const SPACE = 0x20, QUOTE = 0x22, COMMA = 0x2c, OPEN = 0x5b, BACKSLASH = 0x5c, CLOSE = 0x5d, TILDE = 0x7e;

/**
 * Finds the sets in JSON that comes in pieces of UTF-8, and the first byte of what is no list of lists of texts. It keeps nothing of what it reads, and
 * looks neither at what stands after a backslash nor at what is not ASCII.
 */
export class SetScanner {
  /** The sets and the URLs until now. */
  items = 0;
  /** True if one of the sets is empty. */
  hasEmpty = false;
  /** True if there are no spaces between texts and nothing outside ASCII, as this DDFS writes it. */
  isCompact = true;
  /** True if a text has a backslash. */
  hasEscapes = false;
  #state = LIST;

  /** True once the list is closed. */
  get hasEnded(): boolean {
    return this.#state === END;
  }

  /**
   * Reads on.
   *
   * @returns The end of the last set that ended in this piece, 0 if none did; -1 for what is no list of sets.
   */
  scan(bytes: Uint8Array): number {
    let state = this.#state;
    let end = 0;
    for (let at = 0; at < bytes.length; at++) {
      const character = bytes[at] as number;
      if (state === IN_URL) {
        if (character === QUOTE) state = AFTER_URL;
        else if (character === BACKSLASH) {
          this.hasEscapes = true;
          state = ESCAPED;
        } else if (character < SPACE) return -1;
        else if (character > TILDE) this.isCompact = false;
      } else if (state === ESCAPED) state = IN_URL;
      else if (character === SPACE || character === 0x0a || character === 0x0d || character === 0x09) {
        this.isCompact = false;
      } else if (character === QUOTE && (state === FIRST_URL || state === URL)) {
        this.items++;
        state = IN_URL;
      } else if (character === COMMA && state === AFTER_URL) state = URL;
      else if (character === COMMA && state === AFTER_SET) state = SET;
      else if (character === OPEN && (state === FIRST_SET || state === SET)) {
        this.items++;
        state = FIRST_URL;
      } else if (character === CLOSE && (state === FIRST_URL || state === AFTER_URL)) {
        if (state === FIRST_URL) this.hasEmpty = true;
        state = AFTER_SET;
        end = at + 1;
      } else if (character === CLOSE && (state === FIRST_SET || state === AFTER_SET)) state = END;
      else if (character === OPEN && state === LIST) state = FIRST_SET;
      else return -1;
    }
    this.#state = state;
    return end;
  }
}
