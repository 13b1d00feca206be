// Reads workflows and evaluates expressions with GitHub's own packages: a line of JSON asks, a line of JSON answers.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import { truthy } from "@actions/expressions/result";
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { convertActionTemplate, parseAction } from "@actions/workflow-parser/actions/index";
import { parse as parseYaml } from "yaml";

const STATUS = ["success", "failure", "always", "cancelled"];

// The YAML as plain data, which keeps what the packages' own types leave out, with every `if` as it is evaluated.
async function readWorkflow({ name, content }) {
  const parsed = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  const errors = () => parsed.context.errors.getErrors().map((error) => error.message);
  if (parsed.value === undefined || errors().length > 0) return { errors: errors() };
  const template = await convertWorkflowTemplate(parsed.context, parsed.value);
  if (errors().length > 0) return { errors: errors() };
  const tree = parseYaml(content);
  const jobs = template.jobs.map((job) => {
    const raw = tree.jobs[job.id.value];
    const needs = (job.needs ?? []).map((need) => need.value);
    return { ...raw, id: job.id.value, needs, if: job.if.expression, steps: mergeSteps(raw.steps, job.steps) };
  });
  return { errors: [], ...tree, events: template.events, jobs: inOrder(jobs) };
}

function readAction({ name, content }) {
  const parsed = parseAction({ name, content }, new NoOperationTraceWriter());
  const errors = () => parsed.context.errors.getErrors().map((error) => error.message);
  if (parsed.value === undefined || errors().length > 0) return { errors: errors() };
  const template = convertActionTemplate(parsed.context, parsed.value);
  if (errors().length > 0) return { errors: errors() };
  const tree = parseYaml(content);
  if (template.runs.using !== "composite") return { errors: [`not a composite action: ${template.runs.using}`] };
  return { errors: [], inputs: {}, outputs: {}, ...tree, steps: mergeSteps(tree.runs.steps, template.runs.steps) };
}

function mergeSteps(raw, converted) {
  return (raw ?? []).map((step, index) => ({ ...step, id: converted[index].id, if: converted[index].if.expression }));
}

// Each job after those that it needs, otherwise as written.
function inOrder(jobs) {
  const done = [];
  while (done.length < jobs.length) {
    const next = jobs.find((job) => !done.includes(job) && job.needs.every((id) => done.some((other) => other.id === id)));
    done.push(next);
  }
  return done;
}

function lex(expression) {
  const { tokens } = new Lexer(expression).lex();
  for (const token of tokens) {
    // The lexer un-escapes only the first quote of a string.
    if (token.lexeme.startsWith("'")) token.value = token.lexeme.slice(1, -1).replaceAll("''", "'");
  }
  return tokens;
}

function evaluate(expression, { contexts, status, workspace }) {
  const functions = STATUS.map((name) => ({ name, minArgs: 0, maxArgs: 0, call: () => toData(status[name] ?? false) }));
  functions.push({ name: "hashFiles", minArgs: 1, maxArgs: 255, call: (...patterns) => toData(hashFiles(workspace, patterns.map((each) => each.coerceString()))) });
  const tree = new Parser(lex(expression), Object.keys(contexts), functions).parse();
  const named = new Map(functions.map((each) => [each.name.toLowerCase(), each]));
  return new Evaluator(tree, toData(contexts), named).evaluate();
}

function toData(value) {
  return JSON.parse(JSON.stringify(value), data.reviver);
}

function fromData(value) {
  return JSON.parse(JSON.stringify(value, data.replacer));
}

// Every `${{ }}` in the strings of a tree, in its keys not; a string that is one expression becomes its value.
function interpolate(tree, asked) {
  if (Array.isArray(tree)) return tree.map((item) => interpolate(item, asked));
  if (tree !== null && typeof tree === "object")
    return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, interpolate(value, asked)]));
  if (typeof tree !== "string") return tree;
  const parts = split(tree);
  if (parts.length === 1 && parts[0].expression !== undefined) return fromData(evaluate(parts[0].expression, asked));
  return parts.map((part) => part.text ?? evaluate(part.expression, asked).coerceString()).join("");
}

function split(text) {
  const parts = [];
  let rest = 0;
  for (let start = text.indexOf("${{"); start >= 0; start = text.indexOf("${{", rest)) {
    let quoted = false;
    let end = start + 3;
    while (end < text.length && (quoted || !text.startsWith("}}", end))) {
      if (text[end] === "'") quoted = !quoted;
      end += 1;
    }
    if (end >= text.length) throw new Error(`an expression is not closed: ${text}`);
    if (start > rest) parts.push({ text: text.slice(rest, start) });
    parts.push({ expression: text.slice(start + 3, end).trim() });
    rest = end + 2;
  }
  if (rest < text.length || parts.length === 0) parts.push({ text: text.slice(rest) });
  return parts;
}

// As documented: SHA-256 over the SHA-256 of each file that a pattern names; empty where there is none.
function hashFiles(workspace, patterns) {
  const matches = patterns.map(toRegExp);
  const paths = readdirSync(workspace, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(workspace.length + 1))
    .filter((path) => !path.startsWith(".git/") && matches.some((match) => match.test(path)))
    .sort();
  if (paths.length === 0) return "";
  const all = createHash("sha256");
  for (const path of paths) all.update(createHash("sha256").update(readFileSync(join(workspace, path))).digest());
  return all.digest("hex");
}

function toRegExp(pattern) {
  const parts = pattern.split(/(\*\*\/|\*\*|\*|\?)/).map((part) => {
    const known = { "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]" };
    return known[part] ?? part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`);
}

const ANSWERS = {
  workflow: readWorkflow,
  action: readAction,
  interpolate: (asked) => interpolate(asked.tree, asked),
  condition: (asked) => truthy(evaluate(asked.expression, asked)),
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let answer;
  try {
    answer = { answer: await ANSWERS[asked.what](asked) };
  } catch (error) {
    answer = { error: String(error.message ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
