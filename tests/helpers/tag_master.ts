import { json } from "./fakes.ts";

/** What a request to the master comes to. */
export type Fate =
  | "answered"
  | "refused"
  | "lost on the way"
  | "answer lost"
  | "late"
  | "never ends"
  | "503"
  | "503, but done"
  | "repeated"
  | "refused by name";

/** What a {@linkcode TagMaster} is like. */
export interface TagMasterOptions {
  /** Whether it gives ETags, takes them as conditions, and knows requests by their keys, as the embedded DDFS does; Disco's master does not. */
  readonly conditions?: boolean;
  /** The keys that it remembers; all by default. */
  readonly keys?: number;
  /** What a request comes to; "answered" by default. */
  readonly fate?: (request: { method: string; count: number }) => Fate;
  /** Called before a request is looked at, for what others do meanwhile. */
  readonly meanwhile?: (master: TagMaster) => void;
}

/** A master with one tag, as PROTOCOL.md has it, whose network loses, delays and repeats. */
export class TagMaster {
  /** What the tag holds; nothing while it does not exist. */
  urls: string[][] | undefined;
  /** The queries and conditions of the changes that were sent, in order. */
  readonly sent: string[] = [];
  /** How many GETs were answered with the tag. */
  reads = 0;
  readonly #options: TagMasterOptions;
  #version = 0;
  #count = 0;
  /** Requests that the network still has. */
  readonly #late: (() => void)[] = [];
  /** The keys of the requests that were carried out. */
  readonly #keys = new Set<string>();

  constructor(urls: string[][] | undefined, options: TagMasterOptions = {}) {
    this.urls = urls;
    this.#options = options;
  }

  /** How many requests the network still has. */
  get underWay(): number {
    return this.#late.length;
  }

  /** Delivers requests that the network still has: all of them, or the one at a place. */
  deliver(place?: number): void {
    for (const act of place === undefined ? this.#late.splice(0) : this.#late.splice(place, 1)) act();
  }

  /** How many requests came. */
  get requests(): number {
    return this.#count;
  }

  /** The version of the tag. */
  get id(): string {
    return `x$1-2-${this.#version.toString(16)}`;
  }

  /** Adds sets as POST does. */
  append(sets: readonly string[][], isUpdate: boolean): void {
    const before = this.urls ?? [];
    let after = before;
    for (const set of isUpdate ? sets : [...sets].reverse()) {
      if (isUpdate && after.some((other) => nameOf(other) === nameOf(set))) continue;
      after = [set, ...after];
    }
    if (this.urls === undefined || after !== before) this.change(after);
  }

  /** Makes a new version. */
  change(urls: string[][] | undefined): void {
    this.urls = urls;
    this.#version++;
  }

  /** Answers a request. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const { method } = request;
    const body = method === "GET" || method === "DELETE" ? undefined : await request.json();
    this.#options.meanwhile?.(this);
    const fate = this.#options.fate?.({ method, count: this.#count++ }) ?? "answered";
    if (method === "GET") {
      if (fate === "answered" || fate === "repeated") return this.#read(request);
      return fate.startsWith("503") ? new Response("Try again.", { status: 503 }) : broken();
    }
    const condition = request.headers.get("if-match") ?? request.headers.get("if-none-match");
    const query = new URL(request.url).search.replace(/([?&])request=[^&]*(&|$)/, "$1").replace(/[?&]$/, "");
    this.sent.push(`${method} ${query}${condition === null ? "" : " on a condition"}`);
    const key = new URL(request.url).searchParams.get("request");
    const act = () => this.#marked(this.#write(method, body, query, condition, key));
    switch (fate) {
      case "refused":
      case "lost on the way":
        return broken();
      case "answer lost":
        act();
        return broken();
      case "late":
        this.#late.push(act);
        return broken();
      case "never ends":
        this.#late.push(act);
        return await new Promise((_, reject) =>
          request.signal.addEventListener("abort", () => reject(request.signal.reason))
        );
      case "refused by name":
        return new Response("no", { status: 403 });
      case "503":
        return new Response("Temporary server error. Try again.", { status: 503 });
      case "503, but done":
        act();
        return new Response("Temporary server error. Try again.", { status: 503 });
      case "repeated":
        this.#late.push(act);
        return act();
      case "answered":
        return act();
    }
  };

  /** Says what the embedded DDFS says. */
  #marked(answer: Response): Response {
    if (this.#options.conditions) answer.headers.set("ddfs-requests", "once");
    return answer;
  }

  #read({ headers }: Request): Response {
    if (this.urls === undefined) return this.#marked(new Response("Tag not found.", { status: 404 }));
    if (this.#options.conditions && headers.get("if-none-match") === "*") {
      return this.#marked(new Response(null, { status: 304 }));
    }
    this.reads++;
    const answer = json({ version: 1, id: this.id, "last-modified": "now", urls: this.urls, "user-data": {} });
    if (this.#options.conditions) answer.headers.set("etag", `"${this.id}"`);
    return this.#marked(answer);
  }

  #write(method: string, body: string[][], query: string, condition: string | null, key: string | null): Response {
    const { conditions, keys = Infinity } = this.#options;
    if (conditions && key !== null && this.#keys.has(key)) return json(["disco://a/ddfs/vol0/tag/00/x$1-2-3"]);
    const version = this.urls === undefined ? "*" : `"${this.id}"`;
    if (this.#options.conditions && condition !== null && condition !== version) {
      return new Response("The tag has changed.", { status: 412 });
    }
    if (key !== null) this.#keys.add(key);
    for (const oldest of this.#keys) if (this.#keys.size > keys) this.#keys.delete(oldest);
    const isKnown = (set: string[]) => this.urls?.some((other) => JSON.stringify(other) === JSON.stringify(set));
    const isUpdate = query.includes("update=1");
    if (method === "POST" && conditions && !isUpdate && query.includes("again=1")) {
      this.append(body.filter((set) => !isKnown(set)), false);
    } else if (method === "POST") this.append(body, isUpdate);
    else this.change(method === "PUT" ? body : undefined);
    return json(["disco://a/ddfs/vol0/tag/00/x$1-2-3"]);
  }
}

function nameOf([url = ""]: string[]): string {
  return /\/..\/(.*)[$]/.exec(url)?.[1] ?? url;
}

function broken(): never {
  throw new TypeError("connection reset");
}
