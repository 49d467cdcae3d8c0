// Writes the workflows of docs/ci.md into a folder, as a repository of theirs would have them, for validators.
// node write-documents.mjs ROOT FOLDER
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { workflows } from "./documents.mjs";

const [root, folder] = process.argv.slice(2);
mkdirSync(join(folder, ".github/workflows"), { recursive: true });
for (const [name, text] of workflows(root)) {
  const file = name === ".gitlab-ci.yml" ? name : `.github/workflows/${name.replaceAll(" ", "-")}.yml`;
  // Readers are told to name a commit; any will do here.
  writeFileSync(join(folder, file), text.replaceAll("OWNER/bench@REF", `OWNER/bench@${"0".repeat(40)}`));
}
