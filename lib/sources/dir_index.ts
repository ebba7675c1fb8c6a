// Few have such an index: it is loaded when it is needed, and imports nothing, so that bundlers cut nothing out of the other files for it.

/**
 * Reads an index of inputs, which a `dir://` URL names; each line is `label url size`.
 *
 * @param stream The index.
 * @param url Its URL: with `.gz` in its name, it is gzipped.
 * @returns The URLs in it; no files of this machine, and no other index.
 * @throws {TypeError} If it is no index.
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#other-inputs FORMAT: Other inputs}
 */
export async function indexedUrls(stream: ReadableStream<Uint8Array<ArrayBuffer>>, url: string): Promise<string[]> {
  const isZipped = /\.gz[^/\\]*[/\\]*$/.test(url);
  const text = await new Response(isZipped ? stream.pipeThrough(new DecompressionStream("gzip")) : stream).text();
  return text.split("\n").filter((line) => line.trim() !== "").map((line) => {
    const [, target = ""] = line.trim().split(/\s+/);
    if (/^(?!(file|dir):)[a-z][a-z\d+.-]*:\/\//i.test(target)) return target;
    throw new TypeError(`${JSON.stringify(line.slice(0, 100))} is no line of an index: "label url size"`);
  });
}
