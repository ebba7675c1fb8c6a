/** A proxy that ends TLS in front of an upstream, and what its certificate is signed by. */
export interface RunningProxy {
  /** Its address, `https://localhost:PORT`. */
  readonly url: string;
  /** The certificate to trust. */
  readonly certificate: string;
}

/** A kind of proxy: its program, and how that is started by a recipe. */
export interface ProxyKind {
  readonly program: string;
  /** The language of its recipe in the README. */
  readonly language: string;
  /** Turns the recipe into a configuration: this port in place of the server's own, this upstream, certificates in this folder. */
  configure(recipe: string, port: number, upstream: string, folder: string): string;
  /** The arguments that start it in the foreground with a configuration. */
  arguments(configuration: string, folder: string): string[];
}

export const PROXIES: readonly ProxyKind[] = [
  {
    program: "nginx",
    language: "nginx",
    configure: (recipe, port, upstream, folder) =>
      `daemon off; pid ${folder}/pid; error_log stderr; events {} http { access_log off;
${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ")}
${
        recipe.replace("listen 443 ssl", `listen 127.0.0.1:${port} ssl`).replaceAll("/etc/ssl/ddfs", folder)
          .replace("127.0.0.1:8989", upstream)
      } }`,
    arguments: (configuration, folder) => ["-p", folder, "-e", "stderr", "-c", configuration],
  },
  {
    program: "caddy",
    language: "caddyfile",
    configure: (recipe, port, upstream, folder) =>
      `{ \n admin off \n auto_https disable_redirects \n storage file_system ${folder} \n}\n` +
      recipe.replace("ddfs.example.org {", `https://localhost:${port} {\n tls ${folder}/cert.pem ${folder}/key.pem\n`)
        .replace("127.0.0.1:8989", upstream),
    arguments: (configuration) => ["run", "--adapter", "caddyfile", "--config", configuration],
  },
];

/** Tells whether a program is installed. */
export async function isInstalled(program: string): Promise<boolean> {
  const { success } = await new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).output();
  return success;
}

/** Gives a task a proxy by the recipe that the embedded room's README has for its kind. */
export async function withProxy(
  kind: ProxyKind,
  upstream: string,
  task: (proxy: RunningProxy) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ddfs-proxy-" });
  // The workers of a proxy that is started by root are others.
  await Deno.chmod(folder, 0o755);
  try {
    await run("openssl", [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"],
      ...[
        "-addext",
        "subjectAltName=DNS:localhost",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-keyout",
        `${folder}/key.pem`,
        "-out",
        `${folder}/cert.pem`,
      ],
    ]);
    const port = freePort();
    const readme = await Deno.readTextFile(new URL("../../lib/embedded/README.md", import.meta.url));
    const [, recipe] = new RegExp(`\`\`\`${kind.language}\\n(.*?)\`\`\``, "s").exec(readme) ?? [];
    if (recipe === undefined) throw new Error(`The README has no recipe for ${kind.program}`);
    const configuration = `${folder}/configuration`;
    await Deno.writeTextFile(configuration, kind.configure(recipe, port, upstream, folder));
    const args = kind.arguments(configuration, folder);
    const process = new Deno.Command(kind.program, { args, stdout: "null", stderr: "piped", env: { HOME: folder } });
    await running(process.spawn(), port, async () => {
      const certificate = await Deno.readTextFile(`${folder}/cert.pem`);
      await task({ url: `https://localhost:${port}`, certificate });
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a task once a process listens, and ends the process after it. */
async function running(process: Deno.ChildProcess, port: number, task: () => Promise<void>): Promise<void> {
  const words = new Response(process.stderr).text();
  let ended = false;
  const end = process.status.then(() => ended = true);
  try {
    while (!await listens(port)) {
      if (ended) throw new Error(`The proxy ended: ${await words}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await task();
  } finally {
    if (!ended) process.kill("SIGTERM");
    await end;
    await words;
  }
}

async function listens(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

async function run(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdout: "null", stderr: "piped" }).output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
}
