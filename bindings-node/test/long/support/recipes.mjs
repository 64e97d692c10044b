/** The recipes of docs/node-recipes.md as projects in .tools/frameworks, and what buys from them. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { REPOSITORY } from '../../support/repository.mjs';

const DOCUMENT = path.join(REPOSITORY, 'docs', 'node-recipes.md');
const FRAMEWORKS = path.join(REPOSITORY, '.tools', 'frameworks');
/** Where the frameworks and the packed package are installed. */
export const MODULES = path.join(FRAMEWORKS, 'node_modules');
/** How long anything may take before it counts as hanging. */
const DEADLINE = 120_000;

/** The files of a recipe: the blocks below its heading, by the name that their first line gives. */
function filesOf(heading) {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [, section] = text.split(`\n## ${heading}\n`);
  assert.ok(section, `there is no recipe ${heading}`);
  const blocks = section.split('\n## ')[0].matchAll(/^```[jt]s\n\/\/ (\S+)\n(.*?)^```$/gms);
  const files = [...blocks].map(([, name, program]) => [name, program]);
  assert.ok(files.length > 0, `the recipe ${heading} has no files`);
  return files;
}

/** Writes a recipe into a project of its own, with the files that are the shop's. */
export function projectOf(name, heading, own = {}, parent = path.join(FRAMEWORKS, 'projects')) {
  const folder = path.join(parent, name);
  rmSync(folder, { recursive: true, force: true });
  for (const [file, text] of [...filesOf(heading), ...Object.entries(own)]) {
    const place = path.join(folder, file);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, text);
  }
  return folder;
}

/** The shop's own orders: a price for each, and a file for each that was marked, as a table with that key would have it. */
export const ORDERS = `import { appendFileSync, writeFileSync } from 'node:fs';

export const orders = {
  async get(id) {
    return { price: 150, number: id };
  },
  async markPaid(id, receipt) {
    appendFileSync(process.env.SHOP_FOLDER + '/told', id + ' ' + process.pid + '\\n');
    try {
      writeFileSync(process.env.SHOP_FOLDER + '/paid-' + id, String(receipt), { flag: 'wx' });
      appendFileSync(process.env.SHOP_FOLDER + '/marked', id + '\\n');
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  },
};
`;

/** The lines of a file that orders write. */
export function linesOf(folder, name) {
  const file = path.join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** What a program of a shop inherits: nothing that a test runner or a shop of somebody else's says. */
export function environOf(more) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:NODE_TEST|NODE_OPTIONS|LIPIA_|MPESA_)/.test(name));
  return { ...Object.fromEntries(kept), ...more };
}

/** The environment of a shop at a port, whose ledger and orders are files in a folder. */
export function environOfShop(sandbox, folder, port, more = {}) {
  return environOf({
    ...sandbox.environ('daraja', { callbackUrl: `http://127.0.0.1:${port}/pay` }),
    LIPIA_LEDGER: `sqlite://${folder}/payments.db`,
    SHOP_FOLDER: folder,
    PORT: String(port),
    ...more,
  });
}

/** Runs a program to its end; what it printed. */
export async function run(command, args, { folder, environ }) {
  const child = spawn(command, args, {
    cwd: folder,
    env: environ,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE * 2,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said += text;
    });
  }
  const [code] = await once(child, 'close');
  assert.equal(code, 0, `${command} ${args.join(' ')}:\n${said}`);
  return said;
}

/** Starts a program that serves until the test ends, and waits until it answers. */
export async function serve(t, command, args, { folder, environ, port }) {
  const child = spawn(command, args, { cwd: folder, env: environ, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said = (said + text).slice(-8000);
    });
  }
  const ended = once(child, 'close');
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
    await ended;
  });
  await until(`the server answers\n${said}`, async () => {
    assert.equal(child.exitCode, null, said);
    return fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
  });
  return { child, ended, said: () => said };
}

/** Waits until it holds. */
export async function until(what, holds) {
  for (const end = Date.now() + DEADLINE; !(await holds()); ) {
    assert.ok(Date.now() < end, `it never came about that ${what}`);
    await pause(50);
  }
}

/** One click; the status and what was answered. */
export async function click(port, order, phone) {
  const answer = await fetch(`http://127.0.0.1:${port}/orders/${order}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ phone }),
  });
  return { status: answer.status, told: await answer.json() };
}

const phoneOf = (number) => `2547${String(1000 + number)}0005`;

/** Buys: each order clicked twice at once is prompted for once and marked once; a mistyped number is the customer's to correct. */
export async function buy(sandbox, port, marked, count = 6) {
  const names = Array.from({ length: count }, (_, number) => `order-${number}`);
  for (const [number, name] of names.entries()) {
    const clicks = await Promise.all([1, 2].map(() => click(port, name, phoneOf(number))));
    assert.deepEqual(
      clicks.map(({ status }) => status),
      [202, 202],
      JSON.stringify(clicks),
    );
    assert.match(clicks[0].told.customerMessageEn, /\w/);
  }
  await until(`all are marked, and not only ${marked()}`, () => marked().length >= count);
  assert.deepEqual([...marked()].sort(), names.sort());
  const prompts = Object.values(sandbox.counters().prompts_by_phone);
  assert.deepEqual(prompts, Array(count).fill(1));
  const wrong = await click(port, 'order-wrong', '0712 345');
  assert.deepEqual([wrong.status, wrong.told.field], [400, 'phoneNumber'], JSON.stringify(wrong));
}
