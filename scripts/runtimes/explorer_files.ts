/** Writes 100 files into a folder and one in it. */
export async function files(work: string): Promise<string[]> {
  await Deno.mkdir(`${work}/files/inner`, { recursive: true });
  return await Promise.all(Array.from({ length: 100 }, async (_, i) => {
    const path = `${work}/files/${i < 50 ? "inner/" : ""}file-${i}.txt`;
    await Deno.writeTextFile(path, `line 1 of file ${i}\nline 2\n`);
    return path;
  }));
}

/** Drops a folder with a folder of 150 files on the page. A script can make no such entries, but what answers as they do. */
export const DROPPED = `(() => {
  const file = (name) => ({ isFile: true, isDirectory: false, name, file: (done) => done(new File(["content of " + name], name)) });
  const folder = (name, entries) => ({
    isFile: false,
    isDirectory: true,
    name,
    // As Chromium does, a hundred at a time.
    createReader: () => ({ readEntries: (done) => done(entries.splice(0, 100)) }),
  });
  const files = Array.from({ length: 150 }, (_, i) => file(i + ".txt"));
  const entry = folder("top", [folder("inner", files)]);
  const event = new Event("drop", { bubbles: true, cancelable: true });
  event.dataTransfer = { types: ["Files"], items: [{ kind: "file", webkitGetAsEntry: () => entry }] };
  document.body.dispatchEvent(event);
  return event.defaultPrevented;
})()`;
