// A reporter of node:test: what failed, and the counts as the last line.

interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly name: string;
    readonly file?: string;
    readonly nesting: number;
    readonly skip?: string | boolean;
    readonly message?: string;
    readonly details?: {
      readonly type?: string;
      readonly error?: Error & { readonly failureType?: string; readonly cause?: unknown };
    };
  };
}

/** Turns events into text. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string, void, undefined> {
  let [passed, failed, skipped] = [0, 0, 0];
  const groups: string[] = [];
  for await (const { type, data } of events) {
    if (type === "test:start") groups.splice(data.nesting, Infinity, data.name);
    if (type === "test:stderr") yield data.message ?? "";
    if (type !== "test:pass" && type !== "test:fail") continue;
    const isFile = data.nesting === 0 && data.name.endsWith(".mjs");
    const failedInside = data.details?.error?.failureType === "subtestsFailed";
    if (type === "test:pass" && (data.details?.type === "suite" || isFile)) continue;
    if (failedInside) continue;
    if (type === "test:fail") {
      failed++;
      const { cause } = data.details?.error ?? {};
      yield `\nFAILED ${[...groups.slice(0, data.nesting), data.name].join(" > ")}\n${describe(cause)}\n`;
    } else if (data.skip !== undefined) {
      skipped++;
      yield `left out: ${data.name} (${data.skip})\n`;
    } else passed++;
  }
  yield `${skipped > 0 ? `${skipped} skipped\n` : ""}${passed} passed, ${failed} failed\n`;
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.stack ?? cause.message : String(cause);
}
