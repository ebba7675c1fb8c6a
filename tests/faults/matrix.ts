import { DDFS, type DDFSOptions, DiscoError } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { manualClock, settled } from "../helpers/fakes.ts";
import { Broken } from "../helpers/must.ts";
import { aim, type Fault, LATE, type Reach } from "./faults.ts";
import { faultyFetch } from "./injected.ts";
import { NODES } from "./nodes.ts";
import { fill, type Operation } from "./operations.ts";
import { PatientNetwork } from "./patient_network.ts";

/** What came of an operation: `right`, the code of a typed error; `wrong`, `hang` or anything else is a fault of the client. */
export interface Cell {
  readonly operation: string;
  readonly fault: Fault;
  readonly reach: Reach;
  readonly outcome: string;
  /** How many requests it took. */
  readonly requests: number;
  /** How many milliseconds passed, on its clock. */
  readonly milliseconds: number;
}

const OPTIONS = {
  settings: {},
  timeout: 300,
  hedgeAfter: 50,
  retry: { tries: 3 },
  random: () => 0,
} satisfies DDFSOptions;
/** Milliseconds after which an operation counts as hanging. */
const CAP = 20_000;

/** Runs an operation with an injected fetch, on a clock that stands still but for what is waited for. */
export async function injectedCell(operation: Operation, fault: Fault, reach: Reach): Promise<Cell> {
  const store = embedded({ nodes: NODES });
  const clock = manualClock();
  const well = new DDFS(store.master, { settings: {}, fetch: (request) => store.fetch(request) });
  await fill(well);
  const decide = aim(fault, operation.target, reach);
  let requests = 0;
  const fetch = faultyFetch((request) => store.fetch(request), clock, (request) => {
    requests++;
    const { hostname, pathname } = new URL(request.url);
    return decide(request.method, hostname, pathname);
  });
  const ddfs = new DDFS(store.master, { ...OPTIONS, fetch, clock });
  let isOver = false;
  const ended = outcomeOf(operation, ddfs, well).finally(() => isOver = true);
  for (; !isOver; await settled()) clock.pass(50);
  const milliseconds = clock.now();
  let outcome = await ended;
  for (let passed = 0; passed <= LATE; passed += 50, await settled()) clock.pass(50);
  outcome = await afterwards(operation, outcome, well);
  await store.close();
  return { operation: operation.name, fault, reach, outcome, requests, milliseconds };
}

/** Runs an operation over real sockets, through proxies with faults, on a clock that stands still while a request is on its way. */
export async function socketCell(operation: Operation, fault: Fault, reach: Reach): Promise<Cell> {
  const store = embedded({ nodes: NODES });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, store.fetch);
  const decide = aim(fault, operation.target, reach);
  const network = await PatientNetwork.listen(NODES, server.addr.port, ({ method, url }) => {
    const { hostname, pathname } = new URL(url);
    return decide(method, hostname, pathname);
  });
  try {
    const well = new DDFS(store.master, { settings: {}, fetch: (request) => store.fetch(request) });
    await fill(well);
    const { clock, fetch } = network;
    const ddfs = new DDFS(`disco://127.0.0.1:${network.port}`, { ...OPTIONS, clock, fetch });
    const outcome = await network.passUntil(outcomeOf(operation, ddfs, well));
    const milliseconds = clock.now();
    await network.delivered();
    const { requests } = network;
    return {
      operation: operation.name,
      fault,
      reach,
      outcome: await afterwards(operation, outcome, well),
      requests,
      milliseconds,
    };
  } finally {
    await network.close();
    await server.shutdown();
    await store.close();
  }
}

async function outcomeOf(operation: Operation, ddfs: DDFS, well: DDFS): Promise<string> {
  try {
    await operation.run(ddfs, { deadline: CAP }, well);
    return "right";
  } catch (error) {
    if (error instanceof Broken) return "wrong";
    if (!(error instanceof DiscoError)) return String(error);
    return error.message.includes("its deadline") ? "hang" : error.code;
  }
}

/** What it came to once every request has arrived, also those that it had given up. */
async function afterwards(operation: Operation, outcome: string, well: DDFS): Promise<string> {
  try {
    await (outcome === "right" ? operation.stays?.(well) : operation.afterFailure?.(well));
    return outcome;
  } catch (error) {
    return error instanceof Broken ? `${outcome}, then wrong` : String(error);
  }
}

/** What each cell is to be. */
export function expected(operation: Operation, fault: Fault, reach: Reach): string {
  if (fault === "slow first byte" || fault === "trickle") return "right";
  const { name, target } = operation;
  if (name === "pull" && fault === "flipped byte") return "wrong";
  if (target !== "tag" && reach === "one") return "right";
  if (target === "write") return "too-few-replicas";
  if (name === "exists" && (fault === "404" || fault === "403 busy")) return "wrong";
  if (fault === "404") return "not-found";
  if (fault === "403 busy") return "forbidden";
  if (fault === "500") return "server-error";
  if (reach === "one") return "right";
  // The status says that it was done: the answer's body is not needed.
  const isDone = ["exists", "tag", "put", "setattr", "delete", "chunk: its tag"].includes(name);
  if (isDone && ["stall", "truncated", "flipped byte", "wrong length"].includes(fault)) return "right";
  if (fault === "503" || fault === "503 Retry-After") return "server-error";
  if (fault === "redirect loop") return "bad-answer";
  if (["never answers", "late", "stall"].includes(fault)) return "timeout";
  if (name === "records" && fault === "flipped byte") return "corrupt-hunk";
  return "unreachable";
}
