import { asksBeforeHeaders } from "../runtime/host.ts";

/** Matches what runtimes say when they send a request to nobody: a policy, a blocked port, a permission. */
const UNSENT =
  /content security policy|bad port|UNSAFE_PORT|ports? \d+ (?:is|are) blocked|NotCapable|ERR_ACCESS_DENIED/i;
/** The same for what would fail the next time too: no such name, a certificate, another protocol, what is not sent. */
const LASTING = new RegExp(
  [
    "ENOTFOUND|name or service not known|nodename nor servname|no such host|no address associated",
    "certificate|\\bCERT_|_CERT\\b|altname",
    "WRONG_VERSION_NUMBER|EPROTO|InvalidContentType",
    UNSENT.source,
  ].join("|"),
  "i",
);

/** Words of runtimes for a server that is not there, in contrast to a connection that broke. */
const DOWN =
  /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ETIMEDOUT|CONNECT_TIMEOUT|refused|no route to host|unreachable/i;

/**
 * Says why a request failed in the words of all its causes: `fetch failed` alone tells nothing, its cause does.
 *
 * @param cause What was thrown.
 * @returns The messages, the outermost first.
 */
export function reasonOf(cause: unknown): string {
  const texts = chainOf(cause).map((error) =>
    error instanceof Error ? error.message || codeOf(error) || error.name : said(error)
  );
  const told = texts.filter((text, place) => text !== "fetch failed" || place === texts.length - 1);
  return [...new Set(told)].join(": ");
}

/** Tells whether a request with this error would fail the next time too. */
export function isLasting(cause: unknown): boolean {
  return says(cause, LASTING);
}

/** Tells whether the runtime sent the request to nobody, so that nothing is known of who is there. */
export function isUnsent(cause: unknown): boolean {
  return says(cause, UNSENT);
}

/** Tells whether a request failed so since nobody is there, as far as the runtime says that. */
export function isDown(cause: unknown): boolean {
  return says(cause, DOWN);
}

/** Says what lets a page in where its browser may have let nobody: it does not say that. */
export function originHint(cause: unknown, url: string): string {
  const mayBeRefused = cause instanceof TypeError && asksBeforeHeaders(url);
  return mayBeRefused ? " (a page of another origin needs `ddfs serve --cors`, or a proxy)" : "";
}

function says(cause: unknown, pattern: RegExp): boolean {
  return chainOf(cause).some((error) => {
    if (!(error instanceof Error)) return false;
    // A name in a URL may be anything.
    return pattern.test(`${codeOf(error)} ${error.name} ${error.message.replace(/\b\w+:\/\/\S+/g, "")}`);
  });
}

/** Lists an error, its cause, the cause of that, and so on; of an error that stands for several, all of them. */
function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (const queue = [error]; queue.length > 0 && chain.length < 10;) {
    const next = queue.shift();
    if (next === undefined || chain.includes(next)) continue;
    if (next instanceof AggregateError) queue.push(...next.errors);
    else chain.push(next);
    if (next instanceof Error) queue.push(next.cause);
  }
  return chain;
}

/** Gives the code that Node and Bun have put into an error. */
function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Says what was thrown that is no error: of an event, as pages have it, its kind. */
function said(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return String(thrown);
  const { message, type } = thrown as { message?: unknown; type?: unknown };
  return String(message ?? type ?? Object.prototype.toString.call(thrown));
}
