/** Something is not as it must be. For what scripts use, too: they have no test library. */
export class Broken extends Error {}

/** Checks that something is so. */
export function must(isSo: boolean, what: string): void {
  if (!isSo) throw new Broken(`not so: ${what}`);
}

/** Checks that two values are the same as JSON. */
export function same(actual: unknown, wanted: unknown): void {
  const [found, due] = [JSON.stringify(actual), JSON.stringify(wanted)];
  must(found === due, `${found} is ${due}`);
}
