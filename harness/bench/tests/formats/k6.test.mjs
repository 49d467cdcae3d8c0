// k6's summary, by a program that makes pages of it, and by what k6 says of its metrics.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import reporter from "k6-html-reporter";
import { files, name, read, report } from "./files.mjs";

for (const path of files("k6.json")) {
  test(`${name(path)}: the reporter makes a page of it`, () => {
    const folder = mkdtempSync(join(tmpdir(), "k6-"));
    try {
      copyFileSync(path, join(folder, "summary.json"));
      reporter.generateSummaryReport({ jsonFile: join(folder, "summary.json"), output: folder });
      const page = readFileSync(join(folder, "report.html"), "utf8");
      for (const metric of ["http_req_duration", "http_reqs", "data_received"]) assert.ok(page.includes(metric), metric);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test(`${name(path)}: metrics have the fields of their types`, () => {
    const { metrics, root_group: root, options } = JSON.parse(readFileSync(path, "utf8"));
    const fields = { counter: ["count", "rate"], rate: ["fails", "passes", "rate"], gauge: ["max", "min", "value"] };
    for (const [metric, { type, values }] of Object.entries(metrics)) {
      const expected = type === "trend" ? options.summaryTrendStats.toSorted() : fields[type];
      assert.deepEqual(Object.keys(values).sort(), expected, metric);
      assert.ok(Object.values(values).every(Number.isFinite), metric);
      if (type === "rate") {
        const all = values.passes + values.fails;
        assert.equal(values.rate, all === 0 ? 0 : values.passes / all);
      }
    }
    const { min, med, max, "p(90)": p90, "p(95)": p95 } = metrics.http_req_duration.values;
    assert.ok(min <= med && med <= p90 && p90 <= p95 && p95 <= max);
    const verified = metrics["http_req_duration{expected_response:true}"].values;
    assert.ok(verified.max <= max && verified["p(99)"] <= metrics.http_req_duration.values["p(99)"]);
    const failed = metrics.http_req_failed.values;
    assert.equal(metrics.http_reqs.values.count, failed.passes + failed.fails);
    // Each threshold is an expression of k6's, and holds of the values beside it if it is said to.
    const holds = { "<=": (a, b) => a <= b, "<": (a, b) => a < b, ">=": (a, b) => a >= b, ">": (a, b) => a > b };
    for (const { thresholds, values } of Object.values(metrics)) {
      for (const [expression, { ok }] of Object.entries(thresholds ?? {})) {
        const found = /^(avg|max|rate|p\([\d.]+\))(<=?|>=?)([\d.]+)$/.exec(expression);
        assert.ok(found, expression);
        const [, aggregate, relation, bound] = found;
        if (aggregate in values) assert.equal(holds[relation](values[aggregate], Number(bound)), ok, expression);
        assert.equal(typeof ok, "boolean");
      }
    }
    const [check] = root.checks;
    assert.deepEqual([check.passes, check.fails], [metrics.checks.values.passes, metrics.checks.values.fails]);
  });
}

test("figures are those of the report, in k6's units", () => {
  const { summary, plan } = report("run");
  const { metrics } = JSON.parse(read("run.k6.json"));
  assert.equal(metrics.http_req_duration.values["p(95)"], summary.latency_us.p95 / 1000);
  assert.equal(metrics.http_reqs.values.count, summary.requests);
  assert.ok(Math.abs(metrics.http_reqs.values.rate - summary.tps) < 1e-6 * summary.tps);
  assert.deepEqual([metrics.data_received.values.count, metrics.vus.values.value], [summary.bytes_in, plan.load.connections]);
  assert.equal(JSON.parse(read("invalid.k6.json")).bench.verdict, "invalid");
});
