import type { VNode } from "preact";
import { mayWrite } from "../parts/client.ts";
import { html } from "../parts/html.ts";
import { href } from "../parts/router.ts";

/** Shown when there is no tag yet: the three ways to get some, where something may be written. */
export function Empty(): VNode {
  const { origin, host, protocol } = location;
  // What is behind TLS has no address of its own: all goes through this one.
  const isSecure = protocol === "https:";
  const client = isSecure ? `"${origin}",\n  { proxy: "${origin}" }` : `\n  "disco://${host}"`;
  const proxy = isSecure ? `DISCO_PROXY=${origin} \\\n` : "";
  return html`
    <section class="empty">
      <h1>Nothing is stored yet</h1>
      <p>A DDFS keeps <b>blobs</b>, each on several nodes, and <b>tags</b>, which name them.${mayWrite &&
        " There are three ways to fill it:"}</p>
      ${mayWrite && html`
        <ol class="ways">
          <li>
            <h2>Here</h2>
            <p>Drop files or folders on this page.</p>
            <p><a class="button primary" href=${href.upload()}>Upload files</a></p>
          </li>
          <li>
            <h2>In a terminal</h2>
            <pre tabindex="0">${`npm install -g @ddfs/client\n${proxy}ddfs -M ${origin} \\\n  chunk data:logs ./access.log`}</pre>
          </li>
          <li>
            <h2>In a program</h2>
            <pre tabindex="0">${`import { DDFS } from "@ddfs/client";\nconst ddfs = new DDFS(${client});\nawait ddfs.push("data:notes",\n  ["./notes.txt"]);`}</pre>
          </li>
        </ol>
      `}
    </section>
  `;
}
