import type { Fixture } from "../../tests/explorer/fixture.ts";
import { SCREENS } from "./explorer_screens.ts";
import { seen } from "./explorer_steps.ts";
import type { Tab } from "./tabs.ts";

/** Opens a tab with settings of the browser. */
export type OpenAs = (
  options: { colorScheme?: "light" | "dark"; viewport?: { width: number; height: number } },
) => Promise<Tab>;

/** Writes a picture of each screen, light and dark, wide and as narrow as a phone. */
export async function pictures(fixture: Fixture, open: OpenAs, folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, fixture.fetch);
  const origin = `http://127.0.0.1:${server.addr.port}`;
  for (const colorScheme of ["light", "dark"] as const) {
    for (
      const [name, viewport] of [["wide", { width: 1280, height: 800 }], ["phone", {
        width: 375,
        height: 812,
      }]] as const
    ) {
      const tab = await open({ colorScheme, viewport });
      for (const [number, [path, text]] of SCREENS.entries()) {
        await tab.goto(origin + path);
        await seen(tab, text);
        // Sizes and graphs come in.
        await new Promise((resolve) => setTimeout(resolve, 600));
        const file = path.replace(/^\/ui\//, "").replaceAll(/[^a-z0-9]+/gi, "-");
        await tab.picture(`${folder}/${String(number).padStart(2, "0")}-${file}-${colorScheme}-${name}.png`);
      }
      await tab.close();
    }
  }
  await fixture.close();
  await server.shutdown();
}
