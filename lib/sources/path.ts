import { sourceFailed } from "../base/byte_reader.ts";
import { invalid, show } from "../check.ts";
import { DiscoError } from "../errors.ts";
import { safeName } from "../names.ts";
import { localFiles, pathOfUrl } from "../runtime/files.ts";
import { tryUrl } from "../urls.ts";
import { type Input, plainInput } from "./input.ts";

/** Tells whether a text means a file or a folder of this machine: it is no URL, or a `file:` one. */
export function isPath(source: string): boolean {
  return /^file:/i.test(source) || !/^[a-z][a-z\d+.-]*:\/\//i.test(source);
}

/**
 * Makes the inputs of a path: a file; or all files in a folder and below it, which are called by their paths there, with `:` between the parts.
 *
 * @param path A path, or a `file:` URL.
 * @throws {DataError} If there is no such file (code `source-failed`).
 * @throws {DiscoError} If the runtime has no files (code `unsupported`), or the URL is not valid (`invalid-url`).
 */
export async function pathInputs(path: string): Promise<Input[]> {
  const failed = (label: string) => (cause: unknown) => {
    throw sourceFailed(label, cause);
  };
  const files = await localFiles(/^file:/i.test(path) ? pathOf(path) : path).catch(failed(path));
  if (files === undefined) {
    throw new DiscoError(
      `Cannot read ${show(path)}: there are no files here; write a Blob, bytes, or a stream`,
      { code: "unsupported" },
    );
  }
  return files.map((file) =>
    plainInput({
      label: file.path,
      name: safeName(file.name.replaceAll("/", ":")),
      size: file.size,
      bytes: () => file.open().catch(failed(file.path)),
    })
  );
}

function pathOf(text: string): string {
  const url = tryUrl(text);
  if (url === undefined || url.search !== "" || url.hash !== "") {
    throw invalid("URL", text, 'write "file:///path", with %23 for # and %3F for ?', "invalid-url");
  }
  try {
    return pathOfUrl(url);
  } catch (cause) {
    const why = cause instanceof URIError ? "write %25 for %" : (cause as Error).message;
    throw new DiscoError(`Invalid URL ${show(text)}: ${why}`, { code: "invalid-url", cause });
  }
}
