// The library in the pages is the one that is published: npm checks the package by the hash in package-lock.json, and this
// compares its files with those that bench carries.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const here = (path) => new URL(path, import.meta.url);
const VENDOR = here("../../src/report/page/vendor/");

for (const [ours, published] of [
    ["uPlot.iife.min.js", "dist/uPlot.iife.min.js"],
    ["uPlot.min.css", "dist/uPlot.min.css"],
    ["LICENSE", "LICENSE"],
]) {
    test(`${ours} is the published file`, () => {
        const hash = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
        assert.equal(hash(new URL(ours, VENDOR)), hash(here(`node_modules/uplot/${published}`)));
    });
}
