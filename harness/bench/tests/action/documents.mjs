// The workflows that docs/ci.md has its readers paste.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** Each as text, by the `name` in it; that of GitLab is named for its file. */
export function workflows(root) {
  const text = readFileSync(join(root, "docs/ci.md"), "utf8");
  const blocks = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block]) => block);
  return new Map(blocks.map((block) => [parse(block).name ?? ".gitlab-ci.yml", block]));
}

/** The step of a workflow's only job that uses this action, with what it is given. */
export function use(workflow) {
  const [job] = Object.values(parse(workflow).jobs);
  return job.steps.find((step) => step.uses === "OWNER/bench@REF");
}
