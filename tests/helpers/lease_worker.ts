// lease_holder.ts in a thread: it is sent a folder and the factor, and sends back what came of it.
import { hold } from "./lease_holder.ts";

const thread = globalThis as unknown as { onmessage: unknown; postMessage(message: unknown): void };
thread.onmessage = async ({ data }: MessageEvent<[root: string, factor: number]>) => {
  thread.postMessage((await hold(...data)).said);
};
