// A CommonJS module of somebody who installed the package; TypeScript takes it under `nodenext`, Node from 20.19 on.
import client = require("@ddfs/client");
import store = require("@ddfs/client/embedded");

async function main(): Promise<void> {
  const { fetch, master, close } = store.embedded();
  const ddfs = new client.DDFS(master, { fetch });
  await ddfs.push("data:greetings", [[new Blob(["hello"]), "greeting"]]);
  const texts: string[] = [];
  for await (const blob of ddfs.pull("data:greetings")) texts.push(await blob.text());
  await close();
  console.log(JSON.stringify(texts));
}

void main();
