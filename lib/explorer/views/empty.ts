import type { VNode } from "preact";
import { mayWrite } from "../parts/client.ts";
import { html } from "../parts/html.ts";
import { href } from "../parts/router.ts";

/** Shown when there is no tag yet: the three ways to get some. */
export function Empty(): VNode {
  const master = location.host;
  return html`
    <section class="empty">
      <h1>Nothing is stored yet</h1>
      <p>A DDFS keeps <b>blobs</b>, each on several nodes, and <b>tags</b>, which name them. There are three ways to fill it:</p>
      <ol class="ways">
        <li>
              <h2>Here</h2>
              <p>Drop files or folders on this page.</p>
              ${mayWrite && html`
                <p><a class="button primary" href=${href.upload()}>Upload files</a></p>
              `}
            </li>
        <li>
          <h2>In a terminal</h2>
          <pre tabindex="0">npm install -g @ddfs/client
    ddfs -M ${location.origin} chunk data:logs ./access.log</pre>
        </li>
        <li>
          <h2>In a program</h2>
          <pre tabindex="0">import { DDFS } from "@ddfs/client";
    const ddfs = new DDFS("disco://${master}");
    await ddfs.push("data:notes", ["./notes.txt"]);</pre>
        </li>
      </ol>
    </section>
  `;
}
