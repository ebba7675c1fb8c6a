/** The types of contents, by how the names of files end. */
const TYPES: Readonly<Record<string, string>> = {
  aac: "audio/aac",
  arrow: "application/vnd.apache.arrow.file",
  avif: "image/avif",
  bz2: "application/x-bzip2",
  css: "text/css",
  csv: "text/csv",
  epub: "application/epub+zip",
  flac: "audio/flac",
  gif: "image/gif",
  gz: "application/gzip",
  htm: "text/html",
  html: "text/html",
  ico: "image/x-icon",
  ics: "text/calendar",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  js: "text/javascript",
  json: "application/json",
  jsonl: "application/x-ndjson",
  log: "text/plain",
  m4a: "audio/mp4",
  md: "text/markdown",
  mjs: "text/javascript",
  mov: "video/quicktime",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  ndjson: "application/x-ndjson",
  oga: "audio/ogg",
  ogg: "audio/ogg",
  ogv: "video/ogg",
  opus: "audio/ogg",
  otf: "font/otf",
  parquet: "application/vnd.apache.parquet",
  pdf: "application/pdf",
  png: "image/png",
  rtf: "application/rtf",
  svg: "image/svg+xml",
  tar: "application/x-tar",
  tgz: "application/gzip",
  tif: "image/tiff",
  tiff: "image/tiff",
  tsv: "text/tab-separated-values",
  ttf: "font/ttf",
  txt: "text/plain",
  wasm: "application/wasm",
  wav: "audio/wav",
  webm: "video/webm",
  webmanifest: "application/manifest+json",
  webp: "image/webp",
  woff: "font/woff",
  woff2: "font/woff2",
  xml: "application/xml",
  xz: "application/x-xz",
  yaml: "application/yaml",
  yml: "application/yaml",
  zip: "application/zip",
  zst: "application/zstd",
};

/**
 * Guesses the type of a blob's content. Names in DDFS have no dots: what was `page.html` is called `page_html`, so what follows the last
 * `_`, `-` or `:` counts.
 *
 * @param name The blob's name.
 * @returns The value of Content-Type; bytes where nothing is known.
 */
export function contentType(name: string): string {
  const [ending = ""] = /[^_:-]*$/.exec(name.toLowerCase()) ?? [];
  const type = ending !== name.toLowerCase() && Object.hasOwn(TYPES, ending) ? TYPES[ending] : undefined;
  if (type === undefined) return "application/octet-stream";
  return type.startsWith("text/") ? `${type}; charset=utf-8` : type;
}
