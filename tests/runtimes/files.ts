// The test data, carried in the bundle, where there is no file system.
/** The files by their paths, in base64. */
declare const TESTDATA: Readonly<Record<string, string>>;

/** Reads a file of tests/testdata. */
export function readFile(url: URL, encoding?: "utf8"): Promise<Uint8Array<ArrayBuffer> | string> {
  const base64 = TESTDATA[url.pathname.slice(url.pathname.indexOf("/testdata/") + 1)];
  if (base64 === undefined) return Promise.reject(new Error(`no ${url} in the test data`));
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return Promise.resolve(encoding === undefined ? bytes : new TextDecoder().decode(bytes));
}
