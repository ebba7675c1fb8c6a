// What somebody writes in Node, with Node's own streams.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import process from "node:process";
import { Readable } from "node:stream";
import { DDFS } from "@ddfs/client";
import { embedded } from "@ddfs/client/embedded";
import { records } from "@ddfs/client/records";

const { fetch, master, close } = embedded();
const ddfs = new DDFS(master, { fetch });
const [, script = ""] = process.argv;
const { size } = await stat(script);
const read = () => createReadStream(script);
await ddfs.push("data:pushed", [[Readable.toWeb(read()), "web"], [read(), "node"]]);
await ddfs.chunk("data:chunked", [[Readable.toWeb(read()), "web"], [read(), "node"]]);
const isWhole: boolean[] = [];
for await (const blob of ddfs.pull("data:pushed")) isWhole.push((await blob.bytes()).length === size);
let characters = 0;
for await (const line of ddfs.records("tag://data:chunked", { text: true })) characters += line.length;
let lines = 0;
for await (const _ of records(Readable.toWeb(Readable.from([])))) lines++;
await close();
console.log(JSON.stringify([isWhole, characters === 2 * size, lines]));
