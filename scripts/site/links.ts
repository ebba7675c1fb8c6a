/** A page as the check of links sees it. */
interface Page {
  /** The addresses that it names. */
  readonly targets: readonly string[];
  /** What an address may lead to in it. */
  readonly anchors: ReadonlySet<string>;
}

/**
 * Finds what is named and not there: files of the site, and anchors in its pages. Addresses of other sites are left alone.
 *
 * @param files The paths of all files from the root of the site.
 * @param read Reads one of its pages.
 * @returns A sentence for each.
 */
export async function linkFaults(files: readonly string[], read: (path: string) => Promise<string>): Promise<string[]> {
  const known = new Set(files);
  const pages = new Map<string, Page>();
  for (const path of files) if (path.endsWith(".html")) pages.set(path, pageOf(await read(path)));
  const faults: string[] = [];
  for (const [path, { targets }] of pages) {
    for (const target of new Set(targets)) {
      if (/^(?:https?:|mailto:|data:|\/\/)/.test(target)) continue;
      const { pathname, hash } = new URL(target, `file:///${path}`);
      const to = decodeURIComponent(pathname.slice(1)).replace(/(^|\/)$/, "$1index.html");
      if (!known.has(to)) faults.push(`${path}: ${target} leads to nothing`);
      else if (hash !== "" && pages.get(to)?.anchors.has(decodeURIComponent(hash.slice(1))) === false) {
        faults.push(`${path}: ${to} has no ${hash}`);
      }
    }
  }
  return faults;
}

function pageOf(html: string): Page {
  const values = (pattern: RegExp) => [...html.matchAll(pattern)].map(([, value = ""]) => unescaped(value));
  return {
    targets: values(/<[a-z][^<>]*?\s(?:href|src)="([^"]*)"/g),
    anchors: new Set(values(/<[a-z][^<>]*?\s(?:id|name)="([^"]*)"/g)),
  };
}

function unescaped(text: string): string {
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|amp|quot|lt|gt);/gi, (entity, hex, decimal) => {
    if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return { "&amp;": "&", "&quot;": '"', "&lt;": "<", "&gt;": ">" }[entity as string] ?? entity;
  });
}
