// GitHub's workflow commands, by the package that actions write them with: every line read and written again is the same.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import * as core from "@actions/core";
import { files, name } from "./files.mjs";

const LEVELS = { error: core.error, warning: core.warning, notice: core.notice };

/** What @actions/core prints. */
function issued(level, title, message) {
  const lines = [];
  const write = process.stdout.write;
  process.stdout.write = (text) => lines.push(text);
  try {
    LEVELS[level](message, { title });
  } finally {
    process.stdout.write = write;
  }
  return lines.join("").replace(/\n$/, "");
}

const data = (text) => text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
const property = (text) => data(text.replaceAll("%3A", ":").replaceAll("%2C", ","));

for (const path of files("annotations.txt")) {
  test(`${name(path)}: is what the runner reads`, () => {
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    const counts = {};
    for (const line of lines) {
      const found = /^::(error|warning|notice) title=([^,:]+)::(.*)$/.exec(line);
      assert.ok(found, line);
      const [, level, title, message] = found;
      assert.equal(issued(level, property(title), data(message)), line);
      // A log shows it as it is.
      assert.doesNotMatch(line, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      counts[level] = (counts[level] ?? 0) + 1;
    }
    // GitHub shows ten of a kind.
    assert.ok(Object.values(counts).every((count) => count <= 10), JSON.stringify(counts));
    const doubtful = /^(invalid|hostile|stalled|failing|thresholds|compared-thresholds|overloaded|capacity-(generator|nothing-holds)|gate-(failed|none-used|not-evaluated))\./.test(basename(path));
    assert.equal(doubtful, "error" in counts, lines.join("\n"));
  });
}
