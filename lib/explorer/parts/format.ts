const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];
const NUMBER = new Intl.NumberFormat("en");

/** Writes a number with separators: `12,345`. */
export function count(value: number): string {
  return NUMBER.format(value);
}

/** Writes a number and what is counted: `1 blob`, `2 blobs`. */
export function counted(value: number, one: string, more: string = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : more}`;
}

/** Writes bytes in units of 1000: `12.3 MB`. */
export function size(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Writes a time of the master, `2024/05/31 12:00:00`, as a date: `2024-05-31 12:00`. */
export function date(masters: string): string {
  return masters.replace(/^(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d).*$/, "$1-$2-$3 $4");
}

/** Writes a length of time in milliseconds: `0.8 s`, `3 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.round(milliseconds / 60_000)} min`;
}
