// Histograms, by HdrHistogram's port to JavaScript: those of each interval in NDJSON, and the percentile file.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as hdr from "hdr-histogram-js";
import { read, report } from "./files.mjs";

const decoded = (text) => hdr.decodeFromCompressedBase64(text, 64);
const lines = (result) =>
  read(`${result}.ndjson`)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("every interval has its counters and its histogram", () => {
  const run = report("run");
  const all = lines("run");
  assert.ok(all.length > 8);
  for (const line of all) {
    assert.deepEqual([line.run, line.verdict, line.warnings], [run.id, "valid", []]);
    assert.equal(decoded(line.latency_hdr).totalCount, line.counters.requests);
  }
});

test("the histograms of the window add up to the report's percentiles", () => {
  const { requests, latency_us: latency } = report("run").summary;
  const window = hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 3.6e12, numberOfSignificantValueDigits: 3, bitBucketSize: 64 });
  for (const line of lines("run")) if (line.phase === "measure") window.add(decoded(line.latency_hdr));
  assert.equal(window.totalCount, requests);
  for (const [percentile, us] of [[50, latency.p50], [90, latency.p90], [99, latency.p99], [99.9, latency.p99_9], [100, latency.max]]) {
    const found = window.getValueAtPercentile(percentile) / 1000;
    assert.ok(Math.abs(found - us) <= us / 1000, `P${percentile}: ${found} us, ${us} us in the report`);
  }
});

test("a line of an invalid run says so", () => {
  for (const line of lines("invalid")) assert.equal(line.verdict, "invalid");
  assert.match(read("invalid.hgrm"), /^#\[INVALID, do not use: interrupted\]$/m);
});

test("the percentile file is what the port itself writes, row by row", () => {
  const { requests, latency_us: latency } = report("run").summary;
  const rows = read("run.hgrm")
    .split("\n")
    .slice(2)
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.trim().split(/\s+/).map(Number));
  const window = hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 3.6e12, numberOfSignificantValueDigits: 3, bitBucketSize: 64 });
  for (const line of lines("run")) if (line.phase === "measure") window.add(decoded(line.latency_hdr));
  const theirs = window
    .outputPercentileDistribution(5, 1e6)
    .split("\n")
    .slice(2)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => line.trim().split(/\s+/).map(Number));
  assert.ok(rows.length > 20 && Math.abs(rows.length - theirs.length) <= 2, `${rows.length} and ${theirs.length} rows`);
  for (const [value, quantile, count] of theirs) {
    const row = rows.find(([, other]) => Math.abs(other - quantile) < 1e-9);
    if (row !== undefined) assert.ok(Math.abs(row[0] - value) <= value / 1000 && Math.abs(row[2] - count) <= 1, `${row} and ${value} ${count}`);
  }
  const shared = theirs.filter(([, quantile]) => rows.some(([, other]) => Math.abs(other - quantile) < 1e-9));
  assert.ok(shared.length > theirs.length / 2, `only ${shared.length} of ${theirs.length} rows are at the same percentiles`);
  const last = rows.at(-1);
  assert.deepEqual([last[1], last[2]], [1, requests]);
  assert.ok(Math.abs(last[0] * 1000 - latency.max) <= latency.max / 1000);
});
