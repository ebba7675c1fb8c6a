// Tags that tokens protect
import { DDFS, DiscoError } from "@ddfs/client";
import { embedded } from "@ddfs/client/embedded";

const { fetch, master } = embedded();
const owner = new DDFS(master, { fetch, token: "sesame" });
await owner.push("plans:secret", [[new Blob(["a plan"]), "plan"]]);
await owner.setattr("plans:secret", "ddfs:read-token", "sesame");

const stranger = new DDFS(master, { fetch });
try {
  await stranger.get("plans:secret");
} catch (error) {
  if (error instanceof DiscoError) console.log(error.name, error.code);
}
console.log(await owner.list("plans:"));

// Prints:
// CommError unauthorized
// [ "plans:secret" ]
