/** A request that was answered. */
export interface Answered {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  /** Seconds until its answer was begun. */
  readonly seconds: number;
}

/** The upper ends of the classes of times, in seconds. */
const CLASSES = [0.005, 0.025, 0.1, 0.5, 2.5, 10];

/** Counts requests, and prints the counts in the text format of Prometheus. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #classes: number[] = CLASSES.map(() => 0);
  #seconds = 0;
  #count = 0;
  /** Requests that are being answered. */
  underWay = 0;
  /** Bytes of blobs that came. */
  bytesIn = 0;
  /** Bytes of blobs that were sent. */
  bytesOut = 0;

  /** Counts a request. */
  add({ method, route, status, seconds }: Answered): void {
    const labels = `method="${method}",route="${route}",status="${status}"`;
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
    this.#seconds += seconds;
    this.#count++;
    CLASSES.forEach((most, i) => {
      if (seconds <= most) this.#classes[i] = (this.#classes[i] ?? 0) + 1;
    });
  }

  /** The counts, with other numbers that are known at the moment. */
  text(others: Readonly<Record<string, number>>): string {
    const lines: string[] = [];
    const metric = (name: string, kind: "counter" | "gauge" | "histogram", help: string) => {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`);
    };
    metric("ddfs_requests_total", "counter", "Requests that were answered.");
    for (const [labels, count] of this.#requests) lines.push(`ddfs_requests_total{${labels}} ${count}`);
    metric("ddfs_request_seconds", "histogram", "Seconds until an answer was begun.");
    CLASSES.forEach((most, i) => lines.push(`ddfs_request_seconds_bucket{le="${most}"} ${this.#classes[i]}`));
    lines.push(
      `ddfs_request_seconds_bucket{le="+Inf"} ${this.#count}`,
      `ddfs_request_seconds_sum ${this.#seconds}`,
      `ddfs_request_seconds_count ${this.#count}`,
    );
    metric("ddfs_blob_bytes_received_total", "counter", "Bytes of blobs that were announced by those who put them.");
    lines.push(`ddfs_blob_bytes_received_total ${this.bytesIn}`);
    metric("ddfs_blob_bytes_sent_total", "counter", "Bytes of blobs that were announced to those who got them.");
    lines.push(`ddfs_blob_bytes_sent_total ${this.bytesOut}`);
    for (const [name, value] of Object.entries({ ddfs_requests_under_way: this.underWay, ...others })) {
      lines.push(`# TYPE ${name} gauge`, `${name} ${value}`);
    }
    return lines.join("\n") + "\n";
  }
}

/** Names the kind of a request by its path, for labels: names of tags and blobs would be too many. */
export function routeOf(path: string): string {
  const [, proxied] = /^\/proxy\/[^/]+\/[^/]*(\/.*)$/.exec(path) ?? [];
  const own = proxied ?? path;
  if (own.startsWith("/ddfs/tags")) return "tags";
  if (own.startsWith("/ddfs/tag/")) return "tag";
  if (own.startsWith("/ddfs/new_blob/")) return "new_blob";
  if (own.startsWith("/ddfs/ctrl/") || own.startsWith("/disco/")) return "control";
  return own.startsWith("/ddfs/") ? "blob" : "other";
}
