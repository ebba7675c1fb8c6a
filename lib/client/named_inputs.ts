import { show } from "../check.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { DiscoError, InvalidNameError } from "../errors.ts";
import { checkBlobName } from "../names.ts";
import type { Resume, WalkOptions, WriteOptions } from "../options.ts";
import type { Input } from "../sources/input.ts";
import { chunkResume, resumed, resumeOf } from "./resume.ts";
import { filesOf, inputsOf } from "../sources/inputs.ts";
import { type FileSource, type Named, type Source, splitNamed } from "../sources/source.ts";

/** An input and the name that its blobs get. */
export interface NamedInput {
  /** The input. */
  readonly input: Input;
  /** The blobs' name, without `-n`. */
  readonly name: string;
  /** Which of the sources it is from. */
  readonly source: number;
  /** The blobs of it that an earlier call had stored. */
  readonly before: Resume | undefined;
}

/** Checks all sources of chunk() before anything is written: that each is there, and the names of its blobs. */
export async function inputsToChunk(
  cluster: Cluster,
  tag: string,
  sources: readonly Named<Source>[],
  options: Pick<WalkOptions & WriteOptions, "signal" | "ignoreMissing" | "onMissing" | "resume" | "update">,
): Promise<NamedInput[]> {
  const named: NamedInput[] = [];
  const resume = resumed(options, sources.length);
  let unnamed = 0;
  for (const [place, item] of sources.entries()) {
    const [source, name] = splitNamed<Source>(item);
    const { signal, ignoreMissing, onMissing } = options;
    const inputs = await inputsOf(cluster, source, { signal, ignoreMissing, onMissing });
    const before = chunkResume(resume, place, inputs);
    inputs.forEach((input, i) => {
      const part = input.isStored || input.name === "" ? i : input.name;
      const own = name === undefined ? input.name : inputs.length === 1 ? name : `${name}:${part}`;
      // What has no name at all is called as the tag is.
      const base = own !== "" ? own : unnamed++ === 0 ? tag : `${tag}:${unnamed - 1}`;
      checkBlobName(`${base}-0`);
      named.push({ input, name: base, source: place, before });
    });
  }
  if (options.update) checkDifferent(named.map(({ input, name }) => [`${name}-0`, input.label]));
  return named;
}

/** Checks all sources of push() before anything is sent: the names, and that files are there. */
export async function filesToPush(
  sources: readonly Named<FileSource>[],
  options: Pick<WriteOptions, "resume" | "update">,
): Promise<NamedInput[]> {
  const resume = resumed(options, sources.length);
  const files = (await Promise.all(sources.map(async (item, place) => {
    const [source, name] = splitNamed(item);
    const inputs = await filesOf(source);
    const before = resumeOf(resume, place, inputs);
    return inputs.map((input) => {
      if (name === undefined && input.name === "") {
        throw new InvalidNameError(`sources[${place}], ${input.label}, has no name of its own: write [source, "name"]`);
      }
      // Of a folder, each file is called by its path there.
      const own = name === undefined ? input.name : inputs.length === 1 ? name : `${name}:${input.name}`;
      return { name: checkBlobName(own), input, source: place, before };
    });
  }))).flat();
  if (options.update) checkDifferent(files.map(({ name, input }) => [name, input.label]));
  return files;
}

/** Checks that all names differ: with `update`, DDFS keeps one of several blobs of a name, and the others would be lost. */
function checkDifferent(named: readonly (readonly [name: string, label: string])[]): void {
  const seen = new Map<string, string>();
  for (const [name, label] of named) {
    const other = seen.get(name);
    if (other !== undefined) {
      throw new DiscoError(
        `${show(other)} and ${show(label)} would both be stored as ${
          show(name)
        }, and update: true keeps one: write [source, "name"]`,
        { code: "invalid-argument" },
      );
    }
    seen.set(name, label);
  }
}
