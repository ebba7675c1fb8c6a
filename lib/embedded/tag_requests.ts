import { conditionOf, etagOf, hasAlready } from "./conditions.ts";
import { type JsonLimits, jsonOf, withSets } from "./json_bodies.ts";
import type { Nodes, Place } from "./nodes.ts";
import { isName, pathOf } from "./stores/object_names.ts";
import { json, jsonAround, jsonText, ONCE, plain, WRONG_TOKEN } from "./responses.ts";
import { refusal } from "./stores/refusal.ts";
import type { StoredTag, TagChange, TagContent, TagVersion } from "./stores/tag_store.ts";
import { NO_SETS } from "./stores/sets.ts";
import { publicAround, publicTag } from "./stores/tag_content.ts";
import type { Tags } from "./tags.ts";
import { type Right, type Token, tokenOf } from "./tokens.ts";

/** The limits of attributes. */
export interface AttributeLimits {
  /** The most attributes that a tag may have. */
  readonly attributes: number;
  /** Bytes of a name. */
  readonly attributeName: number;
  /** Bytes of a value, as JSON. */
  readonly attributeValue: number;
}

/** The parts of an embedded DDFS that answer requests for tags. */
export interface TagContext {
  readonly tags: Tags;
  readonly nodes: Nodes;
  readonly limits: AttributeLimits;
  readonly body: JsonLimits;
  /** Ends this request when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** A part of a tag that has a path of its own. */
type Part = "urls" | "readToken" | "writeToken" | { readonly user: string };

/** A request for a tag, or for a part of one. */
interface Asked extends Pick<TagContext, "tags" | "signal"> {
  readonly request: Request;
  readonly name: string;
  readonly part: Part | undefined;
  readonly token: Token;
}

const SPECIAL: Readonly<Record<string, Part>> = {
  "ddfs:urls": "urls",
  "ddfs:read-token": "readToken",
  "ddfs:write-token": "writeToken",
};

/**
 * Answers a request for a tag or one of its attributes.
 *
 * @param path What follows `/ddfs/tag/`, decoded; `undefined` if it cannot be.
 * @returns The answer; `undefined` for a method that tags do not have.
 * @throws {CommError} If the request is refused.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#attributes PROTOCOL: Attributes}
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tokens PROTOCOL: Tokens}
 */
export async function answerTag(
  request: Request,
  path: string | undefined,
  place: Place,
  context: TagContext,
): Promise<Response | undefined> {
  const { method } = request;
  if (method !== "GET" && method !== "POST" && method !== "PUT" && method !== "DELETE") return undefined;
  const { tags, limits, signal } = context;
  const slash = method === "POST" ? -1 : path?.indexOf("/") ?? -1;
  const name = (slash < 0 ? path : path?.slice(0, slash)) ?? "";
  const attribute = slash < 0 ? "" : path?.slice(slash + 1) ?? "";
  const part = attribute === "" ? undefined : partOf(attribute);
  if (attribute !== "" && part === undefined) return plain(404, "Tag attribute not found.");
  if (method !== "DELETE" && new TextEncoder().encode(attribute).length > limits.attributeName) {
    return plain(403, "Attribute name too big.");
  }
  if (!isName(name)) return plain(403, "Invalid tag");
  const token = tokenOf(request);
  switch (method) {
    case "GET":
      return await get({ request, tags, signal, name, part, token });
    case "POST":
      return await post(request, name, token, place, context);
    case "PUT":
      return await put(request, name, part ?? "urls", token, place, context);
    case "DELETE":
      return await remove({ request, tags, name, part, token });
  }
}

async function remove({ request, tags, name, part, token }: Asked): Promise<Response> {
  const condition = conditionOf(request);
  if (part === undefined) await tags.delete(name, token, condition);
  else await tags.put(name, token, (tag) => without(name, tag, part), { condition });
  return json(request, "deleted");
}

function partOf(attribute: string): Part | undefined {
  if (!attribute.startsWith("ddfs:")) return { user: attribute };
  return Object.hasOwn(SPECIAL, attribute) ? SPECIAL[attribute] : undefined;
}

async function get(asked: Asked): Promise<Response> {
  const { request: { headers }, tags, signal, name, part, token } = asked;
  // With "*" it is asked only if the tag is there.
  const sets = (part === undefined || part === "urls") && headers.get("If-None-Match")?.trim() !== "*";
  const tag = await tags.read(name, token, { sets, apart: !headers.has("Range") });
  const { object, content, apart } = tag;
  if (apart === undefined) return answered(asked, tag);
  const version = versionOf(object);
  if (hasAlready(asked.request, object)) {
    await apart.close();
    return new Response(null, { status: 304, headers: version });
  }
  const [before, after] = part === "urls" ? ["", ""] : publicAround(content);
  return jsonAround([before, apart, after], version, signal);
}

/** Answers with a tag that was read, or with a part of it. */
function answered({ request, name, part }: Asked, { object, content, right }: StoredTag & { right: Right }): Response {
  if (part === "writeToken" && right !== "write") throw refusal(401, WRONG_TOKEN, `tag://${name}`);
  const attribute = typeof part === "object" ? content.user.get(part.user) : undefined;
  if (typeof part === "object" && attribute === undefined) return plain(404, "Tag attribute not found.");
  const version = versionOf(object);
  if (hasAlready(request, object)) return new Response(null, { status: 304, headers: version });
  if (part === undefined) return jsonText(request, publicTag(content), version);
  if (part === "urls") return jsonText(request, content.urls, version);
  return json(request, typeof part === "string" ? content[part] : attribute, version);
}

async function post(
  request: Request,
  name: string,
  token: Token,
  place: Place,
  { tags, nodes, body }: TagContext,
): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const options = {
    update: Boolean(query.get("update")),
    delayed: Boolean(query.get("delayed")),
    condition: conditionOf(request),
    key: query.get("request") || undefined,
    again: Boolean(query.get("again")),
  };
  const check = () => tags.check(name, token);
  const version = await withSets(request, body, check, (sets) => tags.append(name, sets, token, options));
  return changed(request, version, nodes, place);
}

async function put(
  request: Request,
  name: string,
  part: Part,
  token: Token,
  place: Place,
  { tags, nodes, limits, body }: TagContext,
): Promise<Response> {
  const condition = conditionOf(request);
  const invalid = () => plain(403, "Invalid attribute key or value");
  if (part === "urls") {
    return await withSets(request, body, () => tags.check(name, token), async (sets) => {
      if (sets === undefined) return invalid();
      const { json: urls } = sets;
      const version = await tags.put(name, token, () => ({ urls }), { condition, sets: urls });
      return changed(request, version, nodes, place);
    });
  }
  const { value, size } = await jsonOf(request, body);
  if (typeof part === "object" && size > limits.attributeValue) return plain(403, "Attribute value too big.");
  if (typeof value !== "string") return invalid();
  const version = await tags.put(name, token, (tag) => {
    if (typeof part === "string") return { [part]: value };
    const user = new Map(tag?.user);
    if (user.size >= limits.attributes) throw refusal(403, "Too many attributes", `tag://${name}`);
    return { user: user.set(part.user, value) };
  }, { condition });
  return changed(request, version, nodes, place);
}

function without(name: string, tag: TagContent | undefined, part: Part): TagChange {
  if (tag === undefined) throw refusal(404, "Tag attribute not found.", `tag://${name}`);
  if (part === "urls") return { urls: NO_SETS };
  if (typeof part === "string") return { [part]: null };
  return { user: new Map([...tag.user].filter(([key]) => key !== part.user)) };
}

/** Answers with a new version: the URLs of the tag's own replicas. */
function changed(request: Request, { object, nodes: names }: TagVersion, nodes: Nodes, place: Place): Response {
  const urls = names.map((node) => `disco://${nodes.hostOf(node, place)}/ddfs/${pathOf("tag", object)}`);
  return json(request, urls, versionOf(object));
}

/** Makes the headers that name a version, and say that requests with a key are carried out once. */
function versionOf(object: string): Record<string, string> {
  return { ETag: etagOf(object), ...ONCE };
}
