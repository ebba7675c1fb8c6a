import { reasonOf } from "./causes.ts";
import { invalid, show } from "../check.ts";
import { DiscoError } from "../errors.ts";
import type { Call } from "./call.ts";
import { requestError } from "./error_answer.ts";
import type { MasterHeaders, MasterRequest } from "../options.ts";
import { basic } from "../secrets.ts";
import { proxied, tryUrl } from "../urls.ts";

/** The settings that requests are made with. */
export interface FollowSettings {
  /** Makes requests. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The proxy, without a slash at its end. */
  readonly proxy: string | undefined;
  /** The origin of the master: scheme, host and port. */
  readonly masterOrigin: string;
  /** The headers that go with every request to that origin. */
  readonly headers: MasterHeaders | undefined;
  /** Tells whether a host may be asked at all. */
  readonly isAllowed: (url: URL) => boolean | Promise<boolean>;
}

/**
 * Sends a request once, and follows redirects. The token and the master's headers are not sent to another origin.
 *
 * @param settings The settings that it is sent with.
 * @param signal Ends the request when it is aborted.
 * @returns The answer, whatever its status.
 * @throws {CommError} If a host may not be asked, or a redirect is not followed.
 */
export async function follow(settings: FollowSettings, call: Call, signal: AbortSignal): Promise<Response> {
  const mostRedirects = 5;
  const { fetch, proxy, isAllowed } = settings;
  const { method = "GET" } = call;
  let target = new URL(call.url);
  let url = new URL(proxied(call.url, method, proxy, call.toMaster));
  if (call.request !== undefined) url.searchParams.set("request", call.request);
  if (call.again) url.searchParams.set("again", "1");
  const { origin } = url;
  for (let redirects = 0, isElsewhere = false;; redirects++) {
    if (!await isAllowed(target)) {
      throw requestError(call, `${show(target.host)} is neither in allowedHosts nor a node of the master`, "forbidden");
    }
    signal.throwIfAborted();
    const init = await call.init?.(isElsewhere);
    const headers = await headersOf(settings, call, url, url.origin === origin, init);
    const response = await fetch(new Request(url, { method, ...init, headers, signal, redirect: "manual" }));
    const { status } = response;
    const location = response.headers.get("location");
    if (!location || status < 300 || status > 399) return response;
    response.body?.cancel().catch(() => {});
    const next = tryUrl(location, url);
    if (redirects === mostRedirects || !next?.protocol.startsWith("http")) {
      const rule = `is not followed: at most ${mostRedirects}, to http(s)`;
      throw requestError(call, `redirect ${redirects + 1} to ${show(location)} ${rule}`, "bad-answer", { status });
    }
    isElsewhere ||= status === 303;
    url = target = next;
  }
}

/** Makes the headers of a request. The token goes only to the origin that the request was sent to at first. */
async function headersOf(
  { headers: own, masterOrigin }: FollowSettings,
  { method = "GET", token, headers: further }: Call,
  url: URL,
  isFirstOrigin: boolean,
  init: RequestInit | undefined,
): Promise<Headers> {
  const headers = url.origin === masterOrigin
    ? checkHeaders(await given(own, { url: url.href, method }))
    : new Headers();
  new Headers(init?.headers).forEach((value, name) => headers.set(name, value));
  if (token !== undefined && isFirstOrigin) headers.set("authorization", `Basic ${basic(token)}`);
  for (const [name, value] of Object.entries(further?.(url) ?? {})) headers.set(name, value);
  return headers;
}

/** Finds the headers that the caller gives for a request. */
async function given(
  headers: MasterHeaders | undefined,
  request: MasterRequest,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (typeof headers !== "function") return headers;
  try {
    return await headers(request);
  } catch (cause) {
    throw new DiscoError(`headers() failed: ${reasonOf(cause)}`, { code: "invalid-argument", cause });
  }
}

/**
 * Makes headers from those that the caller gives. Their values may be secret, so no error has them.
 *
 * @throws {DiscoError} If they are none (code `invalid-argument`).
 */
export function checkHeaders(headers: Readonly<Record<string, string>> | undefined = {}): Headers {
  try {
    return new Headers(headers);
  } catch {
    throw invalid("headers", Object.keys(Object(headers)).join(", "), "write { name: value }, as HTTP has them");
  }
}
