import { mayWrite } from "./client.ts";

/** A file that was chosen, with its path below the folder that was dropped. */
export interface ChosenFile {
  readonly file: File;
  readonly path: string;
}

/** The files that were dropped, until a view takes them. */
let waiting: Promise<ChosenFile[]> | undefined;
let taker: (() => void) | undefined;

/**
 * Takes files and folders that are dropped anywhere on the page. A browser would leave it for the file.
 *
 * @param open Shows the view that takes them.
 * @returns A function that ends it.
 */
export function followDrops(open: () => void): () => void {
  const take = (event: DragEvent) => {
    const { dataTransfer } = event;
    // Texts are dragged into fields.
    if (!dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const isOpen = mayWrite && document.querySelector("dialog[open]") === null;
    if (!isOpen) dataTransfer.dropEffect = "none";
    else if (event.type === "drop") {
      waiting = droppedFiles(dataTransfer);
      // Who takes it sees the error.
      waiting.catch(() => {});
      if (taker === undefined) open();
      else taker();
    }
  };
  const kinds = ["dragover", "drop"] as const;
  for (const kind of kinds) addEventListener(kind, take);
  return () => {
    for (const kind of kinds) removeEventListener(kind, take);
  };
}

/** Calls a function when something was dropped, and now if it waits, until the function that this gives is called. */
export function onDropped(take: (files: Promise<ChosenFile[]>) => void): () => void {
  taker = () => {
    if (waiting !== undefined) take(waiting);
    waiting = undefined;
  };
  taker();
  return () => taker = undefined;
}

/** Gives the files that were dropped, those in folders too, however deep. */
async function droppedFiles(transfer: DataTransfer): Promise<ChosenFile[]> {
  // The items are gone after the first pause.
  const entries = Array.from(
    transfer.items,
    (item) => item.kind === "file" ? item.webkitGetAsEntry() ?? item.getAsFile() : null,
  );
  const chosen: ChosenFile[] = [];
  for (const entry of entries) {
    if (entry instanceof File) chosen.push({ file: entry, path: entry.name });
    else if (entry !== null) await gather(entry, "", chosen);
  }
  return chosen;
}

/** Gives the files of a field, with their paths where a folder was chosen. */
export function filesOf(list: FileList): ChosenFile[] {
  return Array.from(list, (file) => ({ file, path: file.webkitRelativePath || file.name }));
}

async function gather(entry: FileSystemEntry, folder: string, chosen: ChosenFile[]): Promise<void> {
  const path = folder + entry.name;
  if (isFile(entry)) chosen.push({ file: await new Promise<File>((done, fail) => entry.file(done, fail)), path });
  if (!isFolder(entry)) return;
  const reader = entry.createReader();
  // A folder is told in parts, of a hundred in Chromium, until there is an empty one.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (entries.length === 0) return;
    for (const inner of entries) await gather(inner, `${path}/`, chosen);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
