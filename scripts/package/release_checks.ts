/** What is to be released. */
export interface Release {
  /** Where the repository is on the web; empty while it is not known. */
  readonly repository: string;
  /** The version that deno.json says. */
  readonly version: string;
  /** The text of CHANGELOG.md. */
  readonly changelog: string;
  /** The tag that is released, where there is one. */
  readonly tag: string | undefined;
}

/**
 * Finds what is in the way of a release.
 *
 * @returns A sentence for each reason; none if it may be released.
 */
export function refusals({ repository, version, changelog, tag }: Release): string[] {
  const reasons: string[] = [];
  if (repository === "") reasons.push("scripts/package/repository.ts does not say where the repository is");
  else if (!/^https:\/\/[^/]+\/[^/]+\/[^/]+$/.test(repository)) {
    reasons.push(`"${repository}" in scripts/package/repository.ts is not as https://github.com/OWNER/NAME`);
  }
  if (!changelog.includes(`\n## ${version}\n`)) reasons.push(`CHANGELOG.md has no section ${version}`);
  if (tag !== undefined && tag !== `v${version}`) reasons.push(`the tag is ${tag}, but deno.json says ${version}`);
  return reasons;
}
