/** Escapes that stand for a class of characters, a place, or a control character, and are two characters long. */
const SHORT_ESCAPE = /[dDwWsSbBtnrvf]/;
/** A count of repetitions; any other brace stands for itself. */
const COUNT = /^\{\d+(?:,\d*)?\}/;
const PUNCTUATION = /[^0-9A-Za-z]/;

/** The most choices whose texts are searched for one by one: the expression itself needs as long for all as for one. */
const MOST_CHOICES = 4;
const PLAIN = /^(?:[^\\^$.*+?()[\]{}]|\\[^0-9A-Za-z])+$/;

/** Tells whether an expression is nothing but a text, or some to choose from, which are those of {@linkcode requiredTexts}. */
export function isPlain({ source, flags }: RegExp): boolean {
  return PLAIN.test(source) && !/[ivy]/.test(flags);
}

/**
 * Finds texts one of which is in every match of a regular expression: for each of the choices outside of groups, the longest row of plain characters that it
 * has to match. They are quickly searched for, and the expression then has to see only what has one.
 *
 * @param pattern The expression.
 * @returns The texts; none where a choice has no such row, as in expressions that ignore case.
 */
export function requiredTexts({ source, flags }: RegExp): string[] {
  if (/[iv]/.test(flags)) return [];
  const texts: string[] = [];
  let longest = "";
  let row: string[] = [];
  const end = () => {
    if (row.length > 0 && row.join("").length > longest.length) longest = row.join("");
    row = [];
  };
  const characters = Array.from(source);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string;
    switch (character) {
      case "\\": {
        const escaped = characters[++at] ?? "";
        if (PUNCTUATION.test(escaped)) row.push(escaped);
        else if (SHORT_ESCAPE.test(escaped)) end();
        // How long it is depends: nobody searches for such text often.
        else return [];
        break;
      }
      case "[":
        end();
        at = afterClass(characters, at) - 1;
        break;
      case "(":
        end();
        at = afterGroup(characters, at) - 1;
        break;
      case "|":
        end();
        texts.push(longest);
        longest = "";
        break;
      case "?":
      case "*":
      case "{": {
        const count = character === "{" ? COUNT.exec(characters.slice(at).join(""))?.[0] : character;
        if (count === undefined) {
          row.push(character);
          break;
        }
        // What it follows may be missing.
        row.pop();
        end();
        at += count.length - 1;
        break;
      }
      case "+":
      case ".":
      case "^":
      case "$":
        end();
        break;
      default:
        row.push(character);
    }
  }
  end();
  texts.push(longest);
  return texts.length <= MOST_CHOICES && !texts.includes("") ? texts : [];
}

/** The records that have one of two texts or both, of those that have one and the other, which are in order. */
export function merged(one: Uint32Array, other: Uint32Array): Uint32Array<ArrayBuffer> {
  const all = new Uint32Array(one.length + other.length);
  let size = 0;
  for (let i = 0, j = 0; i < one.length || j < other.length; size++) {
    const [a, b] = [one[i] ?? Infinity, other[j] ?? Infinity];
    all[size] = Math.min(a, b);
    if (a <= b) i++;
    if (b <= a) j++;
  }
  return all.subarray(0, size);
}

/** The place after a class of characters. */
function afterClass(characters: readonly string[], at: number): number {
  for (at++; at < characters.length && characters[at] !== "]"; at++) if (characters[at] === "\\") at++;
  return at + 1;
}

/** The place after a group. */
function afterGroup(characters: readonly string[], at: number): number {
  for (at++; at < characters.length && characters[at] !== ")"; at++) {
    if (characters[at] === "\\") at++;
    else if (characters[at] === "[") at = afterClass(characters, at) - 1;
    else if (characters[at] === "(") at = afterGroup(characters, at) - 1;
  }
  return at + 1;
}
