// Plays a composite action as GitHub's runner does: its `run` steps one by one, each with the files that a step is given.
// Expressions are evaluated by GitHub's own package; steps that use other actions are named and left out.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Evaluator, Lexer, Parser, data } from "@actions/expressions";
import { parse } from "yaml";

const STATUS = ["success", "failure", "always", "cancelled"];

/** A value of JavaScript as expressions know it. */
function asData(value) {
  if (typeof value === "object") {
    const pairs = Object.entries(value).map(([key, inner]) => ({ key, value: asData(inner) }));
    return new data.Dictionary(...pairs);
  }
  return new data.StringData(String(value));
}

/** An expression without its braces. */
function evaluated(expression, contexts, failed) {
  const says = { success: !failed, failure: failed, always: true, cancelled: false };
  const functions = STATUS.map((name) => ({
    name,
    description: "",
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(says[name]),
  }));
  const tokens = new Lexer(expression).lex().tokens;
  const tree = new Parser(tokens, Object.keys(contexts), functions).parse();
  return new Evaluator(tree, asData(contexts), new Map(functions.map((one) => [one.name, one]))).evaluate();
}

/** A text with its expressions filled in. */
export const filled = (text, contexts) =>
  String(text).replace(/\$\{\{(.*?)\}\}/g, (_, expression) => evaluated(expression, contexts, false).coerceString());

/** Whether a step is to be run: only after successes, unless its condition asks about that itself. */
function isDue(step, contexts, failed) {
  const condition = String(step.if ?? "success()");
  const asks = STATUS.some((name) => condition.includes(`${name}()`));
  const found = evaluated(asks ? condition : `success() && (${condition})`, contexts, failed);
  return found.coerceString() === "true";
}

/** The pairs in a file such as GITHUB_OUTPUT. */
const pairs = (path) =>
  Object.fromEntries(
    readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

/** The inputs that an action is given: those that are there, as text, and its defaults. It must know them all. */
function inputsOf(action, given) {
  const unknown = Object.keys(given).filter((name) => !(name in action.inputs));
  if (unknown.length > 0) throw new Error(`the action has no input ${unknown.join(", ")}`);
  const all = Object.entries(action.inputs).map(([name, input]) => [name, given[name] ?? input.default ?? ""]);
  return Object.fromEntries(all);
}

/**
 * Plays the action in the folder `at`, in the repository `workspace`.
 *
 * Gives what each step came to (`run`, `skipped`, or of another action `used`), the exit code of the first that failed, the action's
 * outputs, the log and the job summary.
 */
export function play({ at, workspace, given, env }) {
  const action = parse(readFileSync(join(at, "action.yml"), "utf8"));
  const temp = mkdtempSync(join(env.TMPDIR, "runner-"));
  const contexts = {
    inputs: inputsOf(action, given),
    runner: { temp, os: "Linux" },
    github: { action_path: at, workspace },
    steps: {},
  };
  const played = { steps: {}, code: 0, log: "", summary: "", outputs: {}, temp };
  let path = env.PATH;
  for (const [number, step] of action.runs.steps.entries()) {
    const due = isDue(step, contexts, played.code !== 0);
    if (!due || step.uses) {
      const found = due ? Object.entries(step.with ?? {}).map(([key, value]) => [key, filled(value, contexts)]) : [];
      played.steps[step.name] = { state: due ? "used" : "skipped", uses: step.uses, with: Object.fromEntries(found) };
      continue;
    }
    if (step.shell !== "bash") throw new Error(`${step.name}: a step in ${step.shell}`);
    const files = mkdtempSync(join(temp, `step-${number}-`));
    const file = (name) => {
      writeFileSync(join(files, name), "");
      return join(files, name);
    };
    const [output, summary, paths] = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"].map(file);
    const script = join(files, "script.sh");
    writeFileSync(script, filled(step.run, contexts));
    const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, filled(value, contexts)]);
    const done = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", script], {
      cwd: resolve(workspace, filled(step["working-directory"] ?? ".", contexts)),
      env: {
        ...env,
        PATH: path,
        CI: "true",
        GITHUB_ACTIONS: "true",
        GITHUB_ACTION_PATH: at,
        GITHUB_WORKSPACE: workspace,
        RUNNER_TEMP: temp,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_PATH: paths,
        ...Object.fromEntries(own),
      },
      encoding: "utf8",
      timeout: 300_000,
      maxBuffer: 1 << 26,
    });
    const code = done.status ?? 1;
    played.steps[step.name] = { state: "run", code };
    played.log += done.stdout + done.stderr;
    played.summary += readFileSync(summary, "utf8");
    if (code !== 0 && played.code === 0) played.code = code;
    for (const folder of readFileSync(paths, "utf8").split("\n").filter(Boolean)) path = `${folder}:${path}`;
    if (step.id) contexts.steps[step.id] = { outputs: pairs(output), outcome: code === 0 ? "success" : "failure" };
  }
  for (const [name, one] of Object.entries(action.outputs)) played.outputs[name] = filled(one.value, contexts);
  return played;
}
