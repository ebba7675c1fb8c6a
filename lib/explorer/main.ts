import { render } from "preact";
import { App } from "./app.ts";
import { html } from "./parts/html.ts";
import { BASE, followLinks, go, href } from "./parts/router.ts";

if (location.pathname === BASE) go(href.tags(), { replace: true });
followLinks();
const root = document.getElementById("app");
if (root !== null) render(html`<${App} />`, root);
