/** Escapes that stand for a class of characters, a place, or a control character, and are two characters long. */
const SHORT_ESCAPE = /[dDwWsSbBtnrvf]/;
const PUNCTUATION = /[^0-9A-Za-z]/;

/**
 * Finds text that a regular expression has to match: the longest row of plain characters that is in every match. It is quickly searched for, and the
 * expression then has to see only what has it.
 *
 * @param pattern The expression.
 * @returns The text; `""` where none was found, as in expressions that ignore case, or have choices outside of groups.
 */
export function requiredText({ source, flags }: RegExp): string {
  if (/[iv]/.test(flags)) return "";
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
        else return "";
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
        return "";
      case "?":
      case "*":
      case "{":
        // What it follows may be missing.
        row.pop();
        end();
        if (character === "{") at = characters.indexOf("}", at);
        if (at < 0) return "";
        break;
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
  return longest;
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
