// wrk's output, by the parser of the package `wrk`, which reads by lines and words.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { files, name, read, report } from "./files.mjs";

const parse = createRequire(import.meta.url)("wrk/lib/parseWrk");

/** Microseconds of `635.91us`, `12.92ms`, `1.02s`, `1.00m`. */
function us(text) {
  const [, number, unit] = /^([\d.]+)(us|ms|s|m|h)$/.exec(text);
  return Number(number) * { us: 1, ms: 1e3, s: 1e6, m: 6e7, h: 3.6e9 }[unit];
}

for (const path of files("wrk.txt")) {
  test(`${name(path)}: every figure is read`, () => {
    const found = parse(readFileSync(path, "utf8"));
    for (const figure of ["latencyAvg", "latencyStdev", "latencyMax", "latency50", "latency75", "latency90", "latency99"]) {
      assert.ok(us(found[figure]) >= 0, `${figure}: ${found[figure]}`);
    }
    for (const figure of ["requestsPerSec", "requestsTotal", "latencyStdevPerc", "rpsStdevPerc"]) {
      assert.ok(Number.isFinite(found[figure]), `${figure}: ${found[figure]}`);
    }
    assert.match(found.transferPerSec, /^[\d.]+[KMGT]?B$/);
    assert.match(found.rpsAvg, /^[\d.]+k?$/);
  });
}

test("figures are those of the report, as far as wrk rounds them", () => {
  const { summary } = report("run");
  const found = parse(read("run.wrk.txt"));
  assert.deepEqual([found.requestsTotal, found.requestsPerSec], [summary.requests, Number(summary.tps.toFixed(2))]);
  const { p50, p99, mean, max } = summary.latency_us;
  for (const [text, expected] of [[found.latency50, p50], [found.latency99, p99], [found.latencyAvg, mean], [found.latencyMax, max]]) {
    assert.ok(Math.abs(us(text) - expected) <= expected / 100, `${text} is not ${expected} us`);
  }
  assert.ok(found.latencyStdevPerc > 0 && found.latencyStdevPerc <= 100);
});

test("failures are counted where wrk counts them", () => {
  const { errors } = report("failing").summary;
  const found = parse(read("failing.wrk.txt"));
  const counts = [found.connectErrors, found.readErrors, found.writeErrors, found.timeoutErrors].map(Number);
  assert.deepEqual(counts, [errors.connect, errors.reset + errors.protocol, 0, errors.timeout]);
  assert.equal(found.non2xx3xx, errors.status);
  assert.match(read("failing.wrk.txt"), /^ {2}INVALID: do not use these figures$/m);
});
