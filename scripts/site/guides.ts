/** A page of the site that is made of a Markdown file. */
export interface Guide {
  /** The file, from the root of the repository. */
  readonly source: string;
  /** The page, from the root of the site. */
  readonly path: string;
  /** Its name in the navigation. */
  readonly title: string;
}

/** A part of the navigation. */
export interface Section {
  readonly title: string;
  /** Guides, and pages that are made in other ways. */
  readonly pages: readonly Pick<Guide, "path" | "title">[];
}

/** The guides that the navigation names in this order; other Markdown files of the repository follow in its last part. */
const NAMED: Readonly<Record<string, readonly Guide[]>> = {
  "Start": [{ source: "README.md", path: "index.html", title: "Overview" }],
  "Guides": [
    { source: "lib/client/README.md", path: "guides/client.html", title: "The client" },
    { source: "lib/cli/README.md", path: "guides/command.html", title: "The ddfs command" },
    { source: "lib/cli/FROM_PYTHON.md", path: "guides/from_python.html", title: "Coming from Python" },
    { source: "lib/embedded/README.md", path: "guides/embedded.html", title: "The embedded DDFS" },
    { source: "lib/embedded/objects/README.md", path: "guides/bucket.html", title: "A DDFS in a bucket" },
    { source: "lib/gateway/README.md", path: "guides/gateway.html", title: "Gateway, proxy, S3" },
  ],
  "Reference": [
    { source: "lib/cluster/PROTOCOL.md", path: "reference/protocol.html", title: "The protocol" },
    { source: "lib/records/FORMAT.md", path: "reference/format.html", title: "The format of chunks" },
    { source: "tests/faults/README.md", path: "reference/faults.html", title: "Under each fault" },
    { source: "scripts/bench/README.md", path: "reference/speed.html", title: "Speed" },
    { source: "scripts/package/README.md", path: "reference/package.html", title: "Packages and sizes" },
    { source: "CHANGELOG.md", path: "reference/changes.html", title: "Changes" },
  ],
  "Inside": [
    { source: "lib/README.md", path: "inside/library.html", title: "The map of the library" },
    { source: "lib/explorer/README.md", path: "inside/explorer.html", title: "The explorer" },
    { source: "wasm/README.md", path: "inside/codec.html", title: "The codec" },
    { source: "tests/README.md", path: "inside/tests.html", title: "The tests" },
    { source: "scripts/README.md", path: "inside/scripts.html", title: "The scripts" },
    { source: ".github/CONTRIBUTING.md", path: "inside/contributing.html", title: "Contributing" },
    { source: ".github/SECURITY.md", path: "inside/security.html", title: "Security" },
  ],
};

/** Where docstrings and Markdown files say that the repository is. */
export const REPOSITORY = "https://REPOSITORY/";

/** The page on which examples run. */
export const PLAYGROUND = { path: "playground/index.html", title: "Playground" } as const;
/** The first page of those that `deno doc` makes. */
export const API = { path: "api/index.html", title: "API" } as const;

/**
 * Chooses the pages.
 *
 * @param files The Markdown files of the repository.
 * @param titleOf Gives the first heading of one.
 * @returns The guides, and the navigation.
 */
export function guidesOf(
  files: readonly string[],
  titleOf: (file: string) => string,
): { guides: readonly Guide[]; navigation: readonly Section[] } {
  const named = Object.values(NAMED).flat();
  const others = files.filter((file) => !named.some(({ source }) => source === file)).map((source): Guide => ({
    source,
    path: `inside/${
      source.replace(/^\./, "").replace(/(?:\/README)?\.md$/, "").replaceAll("/", "_").toLowerCase()
    }.html`,
    title: titleOf(source),
  }));
  const before: Readonly<Record<string, Section["pages"]>> = { Reference: [API] };
  const after: Readonly<Record<string, Section["pages"]>> = { Start: [PLAYGROUND], Inside: others };
  const navigation = Object.entries(NAMED).map(([title, pages]) => ({
    title,
    pages: [...before[title] ?? [], ...pages, ...after[title] ?? []],
  }));
  return { guides: [...named, ...others], navigation };
}

/** Gives the link from one page of the site to another, or to a file. */
export function linkTo(from: string, to: string): string {
  const [up, down] = [from.split("/").slice(0, -1), to.split("/")];
  while (up.length > 0 && down.length > 1 && up[0] === down[0]) {
    up.shift();
    down.shift();
  }
  return [...up.map(() => ".."), ...down].join("/");
}
