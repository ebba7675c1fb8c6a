// describe() and it() for runtimes that have no test runner of their own.

type Body = () => void | Promise<void>;

interface Group {
  readonly name: string;
  readonly parent: Group | undefined;
  readonly hooks: Record<"before" | "after" | "beforeEach" | "afterEach", Body[]>;
  readonly children: (Group | Test)[];
}

interface Test {
  readonly name: string;
  readonly body: Body;
}

/** What came of the tests. */
export interface Outcome {
  /** How many passed. */
  passed: number;
  /** How many failed. */
  failed: number;
  /** What failed, and why. */
  failures: string[];
}

const root = group("", undefined);
let current = root;

function group(name: string, parent: Group | undefined): Group {
  return { name, parent, hooks: { before: [], after: [], beforeEach: [], afterEach: [] }, children: [] };
}

/** Describes a group of tests. */
export function describe(name: string, body: () => void): void {
  const outer = current;
  current = group(name, outer);
  outer.children.push(current);
  body();
  current = outer;
}

/** Describes a test. */
export function it(name: string, body: Body): void {
  current.children.push({ name, body });
}

/** Runs before the tests of a group. */
export const before = (body: Body): number => current.hooks.before.push(body);
/** Runs after the tests of a group. */
export const after = (body: Body): number => current.hooks.after.push(body);
/** Runs before each test of a group. */
export const beforeEach = (body: Body): number => current.hooks.beforeEach.push(body);
/** Runs after each test of a group. */
export const afterEach = (body: Body): number => current.hooks.afterEach.push(body);

/** Runs all tests that were described. */
export async function run(onTest: (outcome: Outcome) => void = () => {}): Promise<Outcome> {
  const outcome: Outcome = { passed: 0, failed: 0, failures: [] };

  async function attempt(name: string, body: Body): Promise<boolean> {
    try {
      await body();
      return true;
    } catch (error) {
      outcome.failed++;
      outcome.failures.push(`${name}\n${error instanceof Error ? `${error.message}\n${error.stack}` : String(error)}`);
      return false;
    }
  }

  async function runGroup({ hooks, children }: Group, path: string, outer: Body[], outerAfter: Body[]): Promise<void> {
    for (const hook of hooks.before) if (!await attempt(`${path}before`, async () => await hook())) return;
    const [first, last] = [[...outer, ...hooks.beforeEach], [...hooks.afterEach, ...outerAfter]];
    for (const child of children) {
      if ("children" in child) {
        await runGroup(child, `${path}${child.name} > `, first, last);
        continue;
      }
      const passed = await attempt(path + child.name, async () => {
        for (const hook of first) await hook();
        try {
          await child.body();
        } finally {
          for (const hook of last) await hook();
        }
      });
      if (passed) outcome.passed++;
      onTest(outcome);
    }
    for (const hook of hooks.after) await attempt(`${path}after`, async () => await hook());
  }

  const unhandled: string[] = [];
  const onUnhandled = (event: Event) => {
    event.preventDefault();
    const { reason } = event as PromiseRejectionEvent;
    unhandled.push(`a rejection that nobody handles\n${reason instanceof Error ? reason.stack : String(reason)}`);
  };
  globalThis.addEventListener("unhandledrejection", onUnhandled);
  await runGroup(root, "", [], []);
  // The last test's are known a turn later.
  await new Promise((resolve) => setTimeout(resolve, 0));
  globalThis.removeEventListener("unhandledrejection", onUnhandled);
  outcome.failed += unhandled.length;
  outcome.failures.push(...unhandled);
  return outcome;
}
