/** The first three lines that a user of the command types, each in a process: a served folder, a chunked file, its records; and a
 * pipe to which nobody writes, until Ctrl-C ends it. */
const LINES = `set -e
"$@" serve ./v --port 0 > serving &
server=$!
trap 'kill $server 2> /dev/null || true' EXIT
for i in $(seq 200); do grep -q Serving serving && break; sleep 0.1; done
export DISCO_MASTER=$(sed -n "s/^Serving .* at //p" serving)
node -e "$REFUSED"
"$@" chunk data:log ./access.log > /dev/null
"$@" xcat data:log | wc -l
mkfifo pipe
timeout -s INT -k 5 2 "$@" chunk data:pipe ./pipe || echo "interrupted with $?"
kill -TERM $server
wait $server
echo "ended with $?"
`;

/** Requests that the server does not want, or whose bodies it does not want: it answers, and goes on. */
const REFUSED = `
const { request } = require("node:http");
const origin = process.env.DISCO_MASTER.replace(/^disco:/, "http:");
const answers = [1, 1000, 1000000].flatMap((size) =>
  ["/metrics", "/nowhere", "/ddfs/tag/no/tag"].map((path) =>
    fetch(origin + path, { method: "POST", body: "[]".repeat(size) }).then((answer) => answer.text(), () => "")
  )
);
const traced = new Promise((resolve, reject) => {
  request(origin + "/ddfs/tags", { method: "TRACE" }, (answer) => {
    answer.resume();
    const { statusCode } = answer;
    if ([404, 405].includes(statusCode)) resolve("");
    else reject(new Error("TRACE: " + statusCode));
  }).on("error", reject).end();
});
Promise.all([traced, ...answers]).then(() => fetch(origin + "/health")).then(({ status }) => process.exit(status === 200 ? 0 : 1));
`;

/**
 * Runs the command of the npm package as somebody does who has just installed it.
 *
 * @param runtime The words that run the command's file.
 * @throws {Error} If it does not do what it says.
 */
export async function commandWorks(runtime: readonly string[]): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ddfs-command-" });
  try {
    await Deno.writeTextFile(`${folder}/access.log`, "GET /\n".repeat(1234));
    const { stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", LINES, "bash", ...runtime],
      cwd: folder,
      env: { XDG_STATE_HOME: `${folder}/state`, DISCO_MASTER: "", REFUSED },
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    if (out !== "1234\ninterrupted with 124\nended with 0\n") throw new Error(`${runtime.join(" ")}: ${out}${err}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
