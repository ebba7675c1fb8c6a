/** An element of an answer. */
export interface XmlElement {
  /** Its name. */
  readonly name: string;
  /** The text that stands directly in it. */
  readonly text: string;
  /** The elements that stand directly in it. */
  readonly children: readonly XmlElement[];
}

/** The deepest element that is read; answers of S3 have five. */
const DEEPEST = 16;

/** A declaration or a comment; CDATA; a tag; a text. There is none for DOCTYPE, so that a document with one is refused: it could define entities. */
const TOKEN =
  /<\?[^]*?\?>|<!--[^]*?-->|<!\[CDATA\[(?<data>[^]*?)\]\]>|<(?<end>\/?)(?<name>[A-Za-z_][\w:.-]*)(?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(?<empty>\/?)>|(?<text>[^<]+)/y;

const ENTITY = /&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));|&/g;
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * Reads an answer of S3. It takes as much of XML as these have: no DOCTYPE, no entities but the five and numbers; attributes are passed over.
 *
 * @returns The outermost element; `undefined` if the text is something else, or is cut off.
 */
export function parseXml(text: string): XmlElement | undefined {
  const document = { name: "", text: "", children: [] as XmlElement[] };
  const open: { name: string; text: string; children: XmlElement[] }[] = [document];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < text.length) {
    const groups = token.exec(text)?.groups;
    const inner = open.at(-1);
    if (groups === undefined || inner === undefined) return undefined;
    const { data, end, name, empty, text: written } = groups;
    if (data !== undefined) inner.text += data;
    else if (written !== undefined) {
      const said = unescaped(written);
      if (said === undefined) return undefined;
      inner.text += said;
    } else if (name !== undefined && end === "") {
      const element = { name, text: "", children: [] };
      inner.children.push(element);
      if (empty === "") open.push(element);
      if (open.length > DEEPEST) return undefined;
    } else if (name !== undefined) {
      if (inner.name !== name || empty !== "") return undefined;
      open.pop();
    }
  }
  const [root] = document.children;
  return open.length === 1 && document.children.length === 1 && document.text.trim() === "" ? root : undefined;
}

/**
 * Finds the text of an element in another one.
 *
 * @returns The text; empty if there is no such element.
 */
export function textIn(element: XmlElement | undefined, name: string): string {
  return element?.children.find((child) => child.name === name)?.text ?? "";
}

/** Writes a text for XML. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function unescaped(text: string): string | undefined {
  let isWrong = false;
  const said = text.replace(ENTITY, (_, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] ?? "";
    const code = hex !== undefined ? parseInt(hex, 16) : Number(decimal ?? NaN);
    if (code <= 0x10ffff) return String.fromCodePoint(code);
    isWrong = true;
    return "";
  });
  return isWrong ? undefined : said;
}
