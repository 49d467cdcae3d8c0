// Plays pull requests of a repository that somebody has begun with `bench init` and gated with the workflow of docs/ci.md.
//
// ROOT is this repository, BENCH a built `bench`. What differs differs several times over, so that a busy machine cannot turn the
// outcome round; it can make a gate invalid, which is then tried again.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { use, workflows } from "./documents.mjs";
import { filled, play } from "./runner.mjs";

const { ROOT, BENCH } = process.env;
const TMPDIR = realpathSync(mkdtempSync(join(tmpdir(), "bench-action-")));
const env = { ...process.env, TMPDIR };
for (const name of ["BENCH", "BENCH_RESULTS", "BENCH_BASELINES", "GITHUB_ACTIONS"]) delete env[name];
// Short runs, since what is looked for is gross, and one block more than two metrics can fail with.
const BRIEF = "--metrics tps,cpu --blocks 8 --warmup 300ms --duration 500ms --margin 50%";
const FEWEST_BLOCKS = 7;
const SLOWER = "        sum(range(40_000))\n";

const repository = join(TMPDIR, "repository");
const who = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.com", "-c", "init.defaultBranch=main"];
const git = (at, ...words) => execFileSync("git", ["-C", at, ...who, ...words], { encoding: "utf8", stdio: "pipe" });

/** What the documents say to type, a branch that changes nothing of the server, and one that slows it down. */
before(() => {
  const origin = join(TMPDIR, "origin.git");
  execFileSync("git", [...who, "init", "--quiet", "--bare", origin]);
  execFileSync("git", [...who, "clone", "--quiet", origin, repository], { stdio: "pipe" });
  git(repository, "checkout", "--quiet", "-B", "main");
  execFileSync(BENCH, ["init", "--name", "orders"], { cwd: repository });
  git(repository, "add", "targets", "scenarios", ".gitignore");
  git(repository, "commit", "--quiet", "-m", "What is measured, and how");
  git(repository, "push", "--quiet", "origin", "main");
  const server = join(repository, "targets/orders/server.py");
  const text = readFileSync(server, "utf8");
  const commit = (branch, changed) => {
    git(repository, "checkout", "--quiet", "-b", branch, "main");
    writeFileSync(server, changed);
    git(repository, "commit", "--quiet", "--all", "-m", branch);
    git(repository, "push", "--quiet", "origin", branch);
  };
  commit("unchanged", `${text}# Nothing but this line is new.\n`);
  const handler = "    def do_POST(self):\n";
  assert.ok(text.includes(handler), "bench init writes another server: mend this test");
  commit("slower", text.replace(handler, handler + SLOWER));
});

after(() => rmSync(TMPDIR, { recursive: true, force: true }));

/** What the workflow of docs/ci.md gives to the action, in a pull request to main; with shorter runs. */
function gated(changes) {
  const { with: given } = use(workflows(ROOT).get("gate"));
  const contexts = { github: { base_ref: "main" } };
  const typed = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, filled(value, contexts)]));
  return { ...typed, arguments: `${typed.arguments} ${BRIEF}`, bench: BENCH, ...changes };
}

/** Whether the machine left nothing to judge, or of a gate too few blocks for anything to fail. */
function isDisturbed({ outputs }) {
  const stored = join(outputs.folder ?? "", "result.json");
  const used = existsSync(stored) ? JSON.parse(readFileSync(stored, "utf8")).blocks?.used : undefined;
  return outputs["exit-code"] === "3" || used < FEWEST_BLOCKS;
}

/** Plays the action with a branch checked out. What the machine disturbed is tried again, a little later. */
function pulled(branch, given) {
  git(repository, "checkout", "--quiet", branch);
  for (let tries = 1; ; tries += 1) {
    const played = play({ at: ROOT, workspace: repository, given, env });
    if (!isDisturbed(played) || tries === 4) return played;
    console.log(`invalid, try ${tries} of 4: the machine is busy`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
  }
}

const read = (path) => readFileSync(path, "utf8");

test("an unchanged branch passes", () => {
  const played = pulled("unchanged", gated({}));
  assert.equal(played.code, 0, played.log);
  assert.ok(["passed", "inconclusive"].includes(played.outputs.verdict), played.log);
  assert.match(played.summary, /^## Gate: orders, orders against origin\/main\n\n\*\*(PASSED|INCONCLUSIVE)\*\*: /);
  assert.ok(played.summary.includes("bench gate --scenario orders --target orders --base-rev origin/main --metrics tps,cpu --blocks 8"), played.summary);
  assert.ok(!/^::error/m.test(played.log), played.log);
  assert.match(played.log, /^::notice title=orders on orders::tps: /m);
});

test("a branch that is several times as slow fails, and says so everywhere", () => {
  const played = pulled("slower", gated({}));
  assert.equal(played.code, 4, played.log);
  const { verdict, id, report, folder, summary } = played.outputs;
  assert.deepEqual([verdict, played.outputs["exit-code"]], ["failed", "4"]);
  assert.match(played.summary, /^## Gate: .*\n\n\*\*FAILED\*\*: against origin\/main, TPS is /);
  assert.match(played.summary, /^\| CPU per request \|.*\| \*\*failed\*\* \|$/m);
  assert.equal(read(summary), played.summary);
  assert.match(played.log, /^::error title=orders on orders%3A cpu worse than base by 50%25 failed::/m);
  assert.match(read(join(folder, "junit.xml")), /<failure message="cpu worse than base by 50%/);
  assert.equal(JSON.parse(read(join(folder, "result.json"))).verdict, "failed");
  assert.match(read(report), /^<!doctype html>/i);
  assert.ok(existsSync(join(folder, id, "comparison.json")), "what was measured is kept");
  // The step failed, and what it left is uploaded all the same.
  const { state, uses, with: given } = played.steps["Keep the result"];
  assert.deepEqual([state, given], ["used", { name: "bench", path: folder }]);
  assert.match(uses, /^actions\/upload-artifact@/);
  assert.equal(played.steps["Build it if it is not there"].state, "skipped", "a bench was given");
});

test("a base that is not there is named with its mend, by the bench that the action builds", () => {
  const shallow = join(TMPDIR, "shallow");
  git(TMPDIR, "clone", "--quiet", "--depth", "1", "--branch", "slower", `file://${join(TMPDIR, "origin.git")}`, shallow);
  const played = play({ at: ROOT, workspace: shallow, given: gated({ bench: undefined }), env });
  assert.equal(played.code, 2, played.log);
  assert.deepEqual([played.outputs.verdict, played.outputs.id], ["error", ""]);
  for (const text of [played.summary, played.log.match(/^::error .*$/m)[0]]) {
    const mend = "git fetch origin main:refs/remotes/origin/main; in CI, check out with history";
    assert.ok(text.includes("--base-rev origin/main") && text.includes(mend), text);
  }
  const states = Object.entries(played.steps).map(([name, step]) => [name, step.state]);
  assert.deepEqual(states, [
    ["Name the bench of this action", "run"],
    ["Look for it in the cache", "used"],
    ["Build it if it is not there", "run"],
    ["Measure", "run"],
    ["Keep the result", "used"],
  ]);
  const { with: cache } = played.steps["Look for it in the cache"];
  assert.match(cache.key, /^bench-Linux-\w+-glibc-[\d.]+-[0-9a-f]{20}$/);
  assert.ok(existsSync(join(cache.path, "bin/bench")), "what is cached is what was built");
});

const run = (typed, changes) => ({
  command: "run",
  arguments: `--scenario orders --target orders --warmup 0s --duration 300ms ${typed}`,
  bench: BENCH,
  ...changes,
});

test("a result that fails does not fail the step if it is not to", () => {
  const given = run("--fail-if 'p99>1us' \\\n  --fail-if \"tps<1\"", { fail: "false", artifact: "" });
  const played = pulled("main", given);
  assert.equal(played.code, 0, played.log);
  // On a machine that stays busy it is invalid instead, which is not to fail the step either.
  const busy = played.outputs["exit-code"] === "3";
  assert.deepEqual([played.outputs.verdict, played.outputs["exit-code"]], busy ? ["invalid", "3"] : ["failed", "4"], played.log);
  assert.match(played.log, busy ? /^::error title=orders on orders%3A no result::/m : /^::error title=orders on orders%3A p99>1us failed::/m);
  assert.match(read(played.outputs.report), /^<!doctype html>/i);
  assert.match(played.summary, /^## Benchmark: orders on orders\n/);
  assert.equal(played.steps["Keep the result"].state, "skipped");
});

test("arguments are words and no program", () => {
  const scenario = "'$(touch made)`touch made`; touch made; *'";
  const played = pulled("main", run(`--target orders`, { arguments: `--scenario ${scenario} --target orders` }));
  assert.equal(played.code, 2, played.log);
  assert.ok(played.log.includes("there is no scenario `$(touch made)`touch made`; touch made; *`"), played.log);
  assert.ok(!existsSync(join(repository, "made")), "nothing was evaluated");
});

test("mistakes are named with their mend, and fail the step whatever `fail` says", () => {
  for (const [changes, part] of [
    [{ arguments: "--scenario 'orders" }, "a quotation mark is open"],
    [{ arguments: "--scenario order --target orders" }, "did you mean `orders`?"],
    [{ command: "" }, "no command"],
    [{ command: "gaet" }, "gaet"],
    [{ bench: "/nowhere/bench" }, "there is no program /nowhere/bench"],
  ]) {
    const played = pulled("main", run("", { fail: "false", ...changes }));
    assert.equal(played.code, 2, JSON.stringify(changes) + played.log);
    const said = played.log.match(/^::error .*$/m)?.[0] ?? "";
    assert.ok(played.log.includes(part) && said !== "" && played.summary.includes(part), played.log + played.summary);
  }
  const played = pulled("main", run("", { fail: "perhaps" }));
  assert.ok(played.code === 2 && played.log.includes("fail: 'perhaps' is neither true nor false"), played.log);
});

test("a baseline is measured in a folder below, and has its text for a summary", () => {
  const { with: given } = use(workflows(ROOT).get("baseline"));
  const short = `${given.arguments} --runs 1 --warmup 0s --duration 300ms`;
  const played = pulled("main", { ...given, arguments: short, bench: BENCH, "working-directory": "targets/orders" });
  assert.ok([0, 3].includes(played.code), played.log);
  assert.match(played.summary, /^## bench baseline: /);
  assert.equal(existsSync(join(repository, "targets/orders/baselines/main.json")), played.code === 0);
  assert.equal(played.steps["Keep the result"].state, "skipped", "the documents ask for no artefact");
});
