import { AwsV4Signer } from "aws4fetch";
import { type Embedded, embedded } from "../../lib/embedded/mod.ts";
import { type S3Server, s3Server, type S3ServerOptions } from "../../lib/gateway/s3_server.ts";
import { DDFS } from "../../mod.ts";

/** The time of the server. */
export const NOW = Date.UTC(2026, 5, 1, 12);
const DATE = "20260601T120000Z";
/** The keys of those who may read. */
export const KEYS = { reader: "secret", other: "hidden" };
const ORIGIN = "http://s3.example:9000";

/** How a request is signed. */
export interface How {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly datetime?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly signQuery?: boolean;
  readonly service?: string;
  readonly region?: string;
}

/** A request that is signed. */
export async function signed(path: string, how: How = {}): Promise<Request> {
  const content = how.signQuery ? undefined : { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
  const { method, url, headers } = await new AwsV4Signer({
    ...{ url: ORIGIN + path, accessKeyId: "reader", secretAccessKey: "secret", service: "s3", region: "eu-west-1" },
    ...{ datetime: DATE, ...how, headers: { ...content, ...how.headers } },
  }).sign();
  return new Request(url, { method, headers });
}

/** An S3 face, and what is behind it. */
export interface Bucket {
  readonly ddfs: DDFS;
  readonly cluster: Embedded;
  readonly fetch: S3Server["fetch"];
  /** Asks it, by a request that is signed. */
  ask(path: string, how?: How): Promise<Response>;
}

/** Makes an S3 face before an embedded DDFS with some tags. */
export async function bucket(options: Partial<S3ServerOptions> = {}): Promise<Bucket> {
  const cluster = embedded();
  const ddfs = new DDFS(cluster.master, { settings: {}, fetch: cluster.fetch });
  await ddfs.push("data", [[new Blob(["0123456789"]), "digits_txt"], [new Blob(["b"]), "logs"], [
    new Blob(["c"]),
    "z:1",
  ]]);
  await ddfs.push("data:logs", [[new Blob(["monday"]), "mon"], [new Blob(["tue"]), "tue"]]);
  await ddfs.push("data:logs:old", [[new Blob(["older"]), "mon"]]);
  await ddfs.push("data-x", [[new Blob(["x"]), "x"]]);
  await ddfs.push("database", [[new Blob(["base"]), "a"]]);
  await ddfs.push("data:logs", [[new Blob(["mon again"]), "mon"]]);
  await ddfs.tag("links", [["tag://data"], ["file:///etc/passwd"], ["http://10.0.0.1/x"]]);
  await ddfs.push("locked", [[new Blob(["l"]), "l"]], { token: "sesame" });
  const { fetch } = s3Server({ ddfs, keys: KEYS, now: () => NOW, ...options });
  return { ddfs, cluster, fetch, ask: async (path, how) => await fetch(await signed(path, how)) };
}

/** The texts of all elements of a name. */
export function textsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, text = ""]) => text);
}

/** The keys of the tags that are not locked. */
export const KEYS_IN_ORDER = [
  "data-x/x",
  "data/digits_txt",
  "data/logs",
  "data/logs/mon",
  "data/logs/old/mon",
  "data/logs/tue",
  "data/z:1",
  "database/a",
];
