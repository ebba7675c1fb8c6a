// lease_holder.ts in a process of its own, in Deno, Node or Bun: lease_main.ts ROOT [FACTOR]. It prints what came of it; then each line that comes
// is the name of a tag that gets one more URL, and the answer is printed.
import { argv, stdin, stdout } from "node:process";
import { hold } from "./lease_holder.ts";

const [root = "", factor = "1"] = argv.slice(2);
const { said, append } = await hold(root, Number(factor));
stdout.write(`${said}\n`);
stdin.setEncoding("utf8");
stdin.on("data", async (lines: string) => {
  for (const line of lines.split("\n").filter(Boolean)) stdout.write(`${await append(line)}\n`);
});
