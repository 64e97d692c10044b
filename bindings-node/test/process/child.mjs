// Runs a program in a process of its own, for a limited time, and says how it ended.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const PACKAGE = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

/** How long any child may take before it counts as hanging, in milliseconds. */
const LIMIT = 60_000;

/** How often what ends at a random moment is repeated. With 50 it takes some minutes. */
export const ROUNDS = Number(process.env.LIPIA_ROUNDS ?? 10);

/** What a program begins with: a client that speaks to the sandbox of its parent, and customers of its own. */
const PRELUDE = `
import * as lipia from 'lipia';
const daraja = lipia.Daraja.fromEnv({ wait: JSON.parse(process.env.SANDBOX_WAIT) });
let sales = 0;
const sale = (ending = String(5000 + (sales++ % 1000))) =>
  ({ phoneNumber: process.env.PHONES + ending, amount: 150, accountReference: 'INV-001' });
const say = (text) => process.stdout.write(text + '\\n');
`;

let processes = 0;

/** The variables that PRELUDE reads. */
export function environFor(sandbox) {
  processes += 1;
  const phones = `07${1000 + (processes % 2000)}`;
  return { ...sandbox.environ(), SANDBOX_WAIT: JSON.stringify(sandbox.wait), PHONES: phones };
}

/**
 * Runs a program, an ES module as text, and waits for its end.
 *
 * @param options `sandbox`: what its `daraja` speaks to. `flags`: of Node's. `during`: is called once the program has said
 * `ready`, with the child. `asFile`: for programs that start themselves again.
 */
export async function run(program, { sandbox, flags = [], environ = {}, during, asFile = false } = {}) {
  const text = sandbox === undefined ? program : PRELUDE + program;
  const variables = sandbox === undefined ? {} : environFor(sandbox);
  const options = { environ: { ...variables, ...environ }, during };
  if (!asFile) return runNode([...flags, '--input-type=module', '--eval', text], options);
  // Inside the package, so that it finds it by its name.
  const folder = mkdtempSync(path.join(PACKAGE, 'test', 'process', '.program-'));
  try {
    writeFileSync(path.join(folder, 'program.mjs'), text);
    return await runNode([...flags, path.join(folder, 'program.mjs')], options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a program says on stderr until it ends well. */
export async function stderrOf(program) {
  const ended = await run(program);
  assertEnded(ended);
  return ended.stderr;
}

/** Runs Node with arguments of any kind. */
export function runNode(
  args,
  { environ = {}, during, ready = /^ready$/m, folder = PACKAGE, program = process.execPath } = {},
) {
  const variables = { ...process.env, ...environ };
  // Under `node --test` a child that runs tests itself would report to the parent instead of saying what it did.
  delete variables.NODE_TEST_CONTEXT;
  const began = performance.now();
  const child = spawn(program, args, { cwd: folder, env: variables, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    let hung = false;
    let told = false;
    const timer = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, LIMIT);
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      if (during !== undefined && !told && ready.test(stdout)) {
        told = true;
        during(child);
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const ended = { code, signal, stdout, stderr, took: performance.now() - began };
      if (hung) reject(new Error(`It did not end within ${LIMIT} ms.\n${describe(ended)}`));
      else resolve(ended);
    });
  });
}

function describe({ code, signal, stdout, stderr }) {
  return `code ${code}, signal ${signal}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`;
}

/** It ended in the way that it was meant to: a crash is another signal, or the code 134 or 139. */
export function assertEnded(ended, { code = 0, signal = null, stdout } = {}) {
  assert.deepEqual({ code: ended.code, signal: ended.signal }, { code, signal }, describe(ended));
  if (stdout !== undefined) assert.equal(ended.stdout.trim(), stdout, describe(ended));
}

/** Does something many times, some at once. */
export async function repeat(times, atOnce, once) {
  let next = 0;
  const lane = async () => {
    while (next < times) {
      const round = next++;
      await once(round);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** Keeps every core busy while something runs. */
export async function whileBusy(work) {
  const loops = [1, 2].map(() =>
    spawn(
      process.execPath,
      [
        '--eval',
        'setTimeout(() => process.exit(), 300_000); const end = Date.now() + 300_000; while (Date.now() < end);',
      ],
      { stdio: 'ignore' },
    ),
  );
  try {
    return await work();
  } finally {
    for (const loop of loops) loop.kill('SIGKILL');
  }
}
