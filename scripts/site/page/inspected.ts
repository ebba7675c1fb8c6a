/** The deepest that values in values are written, and the most items of one. */
const [DEEPEST, MOST] = [6, 100];

/** Writes a value for people, much as Deno and Node do. */
export function inspected(value: unknown, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[Function: ${value.name || "(anonymous)"}]`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return errorText(value);
  if (depth > DEEPEST) return "…";
  const inner = (inner: unknown) => inspected(inner, depth + 1);
  if (ArrayBuffer.isView(value)) {
    const items = value instanceof DataView ? [] : [...value as unknown as Iterable<number>];
    return `${value.constructor.name}(${items.length}) ${listed("[", items.map(String), "]")}`;
  }
  if (Array.isArray(value)) return listed("[", value.map(inner), "]");
  if (value instanceof Map) {
    return `Map(${value.size}) ${listed("{", [...value].map(([key, item]) => `${inner(key)} => ${inner(item)}`), "}")}`;
  }
  if (value instanceof Set) return `Set(${value.size}) ${listed("{", [...value].map(inner), "}")}`;
  const name = Object.getPrototypeOf(value)?.constructor?.name ?? "Object";
  const members = Object.entries(value).map(([key, item]) =>
    `${/^[\w$]+$/.test(key) ? key : JSON.stringify(key)}: ${inner(item)}`
  );
  return `${name === "Object" ? "" : `${name} `}${listed("{", members, "}")}`;
}

function listed(open: string, items: readonly string[], close: string): string {
  const shown = items.slice(0, MOST);
  if (items.length > MOST) shown.push(`… ${items.length - MOST} more`);
  if (shown.length === 0) return open + close;
  const line = `${open} ${shown.join(", ")} ${close}`;
  if (line.length <= 76 && !line.includes("\n")) return line;
  return `${open}\n${shown.map((item) => `  ${item.replaceAll("\n", "\n  ")},\n`).join("")}${close}`;
}

function errorText(error: Error): string {
  const code = (error as { code?: unknown }).code;
  const cause = error.cause instanceof Error ? `\n  caused by ${errorText(error.cause)}` : "";
  return `${error.name}: ${error.message}${typeof code === "string" ? ` (${code})` : ""}${cause}`;
}
