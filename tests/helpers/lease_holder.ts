// A DDFS on disk, that others try to have as well.
import { setTimeout as timeout } from "node:timers";
import { embedded } from "../../lib/embedded/mod.ts";
import { openDiskStore } from "../../lib/embedded/stores/disk/disk.ts";
import { volumeStore } from "../../lib/embedded/stores/volume_tags.ts";

/**
 * Opens a folder, and says what came of it.
 *
 * @param factor Makes the waits of one who finds a lock shorter.
 * @returns `held`, or why not; and a way to add one more URL to a tag, which gives the status and the text of the answer.
 */
export async function hold(
  root: string,
  factor: number,
): Promise<{ said: string; append(tag: string): Promise<string> }> {
  const ddfs = embedded({
    store: async (setup) => {
      const after = (milliseconds: number, run: () => void, inBackground: boolean) => {
        const timer = timeout(run, inBackground ? milliseconds : milliseconds * factor);
        if (inBackground) timer.unref();
        return () => clearTimeout(timer);
      };
      return await volumeStore(await openDiskStore(root, setup.nodes, { after }), setup);
    },
  });
  let count = 0;
  return {
    said: await ddfs.ready().then(() => "held", ({ code, message }) => `${code}: ${message}`),
    async append(tag) {
      const body = JSON.stringify([[`url ${count++}`]]);
      const answer = await ddfs.fetch(`http://localhost:8989/ddfs/tag/${tag}`, { method: "POST", body });
      return `${answer.status} ${await answer.text()}`;
    },
  };
}
