/** Says why an attribute cannot be added under a name; `undefined` if it can. */
export function problemOfName(name: string, known: Readonly<Record<string, unknown>>): string | undefined {
  if (/^ddfs:(?:read|write)-token$/.test(name)) return "Tokens are set below: see Protection.";
  return Object.hasOwn(known, name) ? "There is one of that name: edit it." : undefined;
}

/** Gives a text that was edited the ends of lines that it had: fields have their own. */
export function withEndsOf(before: string, text: string): string {
  return before.includes("\r\n") ? text.replace(/\r?\n/g, "\r\n") : text;
}
