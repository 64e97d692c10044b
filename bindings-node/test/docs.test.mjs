// Every block of code in the documents, run against a sandbox as it stands there; TypeScript is checked as well.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import * as lipia from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { programsOf } from './support/documents.mjs';
import { freePort } from './support/ports.mjs';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const REPOSITORY = path.dirname(PACKAGE.replace(/\/$/, ''));
const DOCUMENTS = [
  'README.md',
  'bindings-node/README.md',
  'docs/callbacks.md',
  'docs/migrating-to-the-ledger.md',
  'docs/node.md',
  'docs/node-migration.md',
];
const PRELOAD = fileURLToPath(new URL('support/at-sandbox-speed.cjs', import.meta.url));
const LONGEST = 60_000;
const run = promisify(execFile);
const read = (document) => readFileSync(path.join(REPOSITORY, document), 'utf8');

let sandbox;
let folder;
before(async () => {
  sandbox = await startSandbox();
  folder = mkdtempSync(path.join(os.tmpdir(), 'lipia-documents-'));
  const modules = path.join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(PACKAGE, path.join(modules, 'lipia'), 'dir');
  for (const name of readdirSync(path.join(PACKAGE, 'node_modules'))) {
    if (name.startsWith('.') || name === 'lipia') continue;
    symlinkSync(path.join(PACKAGE, 'node_modules', name), path.join(modules, name), 'dir');
  }
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await sandbox.stop();
});

const environ = (more = {}) => {
  const { NODE_TEST_CONTEXT, ...ours } = process.env;
  return {
    ...ours,
    ...sandbox.environ('daraja', { callbackUrl: 'http://127.0.0.1:9/pay' }),
    LIPIA_TEST_WAIT: JSON.stringify(sandbox.wait),
    NODE_OPTIONS: `--require=${PRELOAD}`,
    ...more,
  };
};

let files = 0;
function fileFor(text, extension) {
  files += 1;
  const file = path.join(folder, `block-${files}.${extension}`);
  writeFileSync(file, text);
  return file;
}

/** Runs a program that serves a shop, and buys something there. */
async function buyAt(file) {
  const port = await freePort();
  const child = spawn(process.execPath, [file], {
    cwd: folder,
    env: environ({ PORT: String(port), MPESA_CALLBACK_URL: `http://127.0.0.1:${port}/pay` }),
  });
  let said = '';
  const heard = (word) =>
    new Promise((resolve, reject) => {
      const look = () => said.includes(word) && resolve();
      for (const stream of [child.stdout, child.stderr]) stream.on('data', look);
      child.once('exit', () => reject(new Error(`it ended: ${said}`)));
      setTimeout(() => reject(new Error(`no '${word}': ${said}`)), LONGEST).unref();
      look();
    });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said += text;
    });
  }
  try {
    await heard('listening');
    const answer = await fetch(`http://127.0.0.1:${port}/orders/INV-DRIVE`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"phone":"0712345678"}',
    });
    assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);
    await heard('INV-DRIVE success');
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

const programs = DOCUMENTS.filter((document) => existsSync(path.join(REPOSITORY, document))).flatMap((document) =>
  programsOf(document, read(document)),
);

for (const { where, text, language, kind } of programs) {
  test(where, { timeout: LONGEST * 2 }, async () => {
    if (language === 'ts') await typeChecks(text);
    const { code } = language === 'ts' ? await transform(text, { loader: 'ts', format: 'esm' }) : { code: text };
    const file = fileFor(code, /^(?:import|export) /m.test(code) ? 'mjs' : 'cjs');
    if (kind === 'server') return buyAt(file);
    if (kind === 'jest') return runsUnderJestsNames(file);
    const args = kind === 'tests' ? ['--test', file] : [file];
    const { stdout, stderr } = await run(process.execPath, args, { cwd: folder, env: environ(), timeout: LONGEST });
    if (kind === 'tests') assert.match(stdout, new RegExp(`^(?:# |ℹ )pass ${text.match(/^test\(/gm).length}$`, 'm'));
    for (const [, expected] of text.matchAll(/\/\/ prints: (.*)$/gm)) {
      assert.ok(stdout.includes(expected), `'${expected}' in:\n${stdout}${stderr}`);
    }
  });
}

/** Type-checks a program as a user of the package would, under `strict`. */
async function typeChecks(text) {
  const file = fileFor(text, 'mts');
  const require = createRequire(import.meta.url);
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const options = '--noEmit --strict --exactOptionalPropertyTypes --module nodenext --target es2022 --types node'.split(
    ' ',
  );
  const { stdout } = await run(process.execPath, [tsc, ...options, file], { cwd: folder }).catch((error) => error);
  assert.equal(stdout, '');
}

/** Jest itself runs among the tests of processes; here its names stand for those of node:test. */
async function runsUnderJestsNames(file) {
  const names = fileFor(
    `const assert = require('node:assert/strict');
     const { after, before, test } = require('node:test');
     Object.assign(globalThis, { afterAll: after, beforeAll: before, test });
     globalThis.expect = (found) => ({ toBe: (wanted) => assert.equal(found, wanted) });`,
    'cjs',
  );
  const { stdout } = await run(process.execPath, ['--require', names, '--test', file], {
    cwd: folder,
    env: environ({ NODE_OPTIONS: `--require=${PRELOAD} --require=${names}` }),
    timeout: LONGEST,
  });
  assert.match(stdout, /^(?:# |ℹ )pass 1$/m);
}

test('the documents have programs of every kind', () => {
  const kinds = new Set(programs.map(({ kind }) => kind));
  assert.deepEqual([...kinds].sort(), ['jest', 'program', 'server', 'tests']);
  assert.ok(programs.length >= 25, `${programs.length}`);
});

test('the tables of the README name every outcome and every class of errors', () => {
  const text = read('bindings-node/README.md');
  for (const outcome of lipia.OUTCOMES) assert.ok(text.includes(`\`${outcome}\``), outcome);
  const classes = Object.values(lipia).filter((value) => value?.prototype instanceof lipia.LipiaError);
  assert.equal(classes.length, 9);
  for (const { name } of classes) assert.ok(text.includes(`\`${name}\``), name);
});

test('the documents name files that exist', () => {
  for (const document of [...DOCUMENTS, 'docs/node-recipes.md', 'docs/node-webhooks.md']) {
    const text = read(document);
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)/g)) {
      const file = path.join(REPOSITORY, path.dirname(document), target);
      assert.ok(target === '' || existsSync(file), `${document} links to ${target}`);
    }
  }
});
