import { systemClock } from "../base/clock.ts";
import { milliseconds, wholeNumber } from "../check.ts";
import type { DDFSOptions } from "../options.ts";
import { checkHeaders } from "./follow.ts";
import { checkRetry } from "./retry.ts";
import { send } from "../runtime/host.ts";
import type { TransportSettings } from "./transport.ts";

/** The settings of a transport that a client's options decide alone. */
type RequestSettings = Pick<
  TransportSettings,
  "fetch" | "headers" | "retry" | "timeout" | "clock" | "random" | "onEvent"
>;

/**
 * Takes what every request needs from a client's options, and checks it.
 *
 * @throws {DiscoError} If an option is not valid (code `invalid-argument`).
 */
export function requestSettings(options: DDFSOptions): RequestSettings {
  const { headers } = options;
  if (typeof headers !== "function") checkHeaders(headers);
  const { within, tries = triesOf(options) } = checkRetry(options.retry);
  return {
    fetch: options.fetch ?? send,
    headers,
    retry: { within, tries },
    timeout: milliseconds(options, "timeout", 1) ?? 30_000,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    onEvent: options.onEvent ?? (() => {}),
  };
}

/** Gives the tries that the older option `retries` stands for. */
function triesOf(options: DDFSOptions): number | undefined {
  const retries = wholeNumber(options, "retries", 0);
  return retries === undefined ? undefined : retries + 1;
}
