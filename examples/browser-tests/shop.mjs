// A shop of the examples, started as its README says, before a sandbox of its own.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ENVIRONMENT, startSandbox } from '../../sandbox/tests/browser/support.mjs';

/** The examples as their users have them, installed: `.ci/browser` makes the folder. */
const INSTALLED = process.env.LIPIA_SHOPS;
/** How long anything may take before it counts as hanging, in milliseconds. */
export const LIMIT_MILLISECONDS = 60_000;

export const SHOPS = [
  {
    name: 'FastAPI',
    folder: join(INSTALLED, 'fastapi'),
    command: (port) => [
      join(INSTALLED, 'fastapi-environment/bin/python'),
      ...['-m', 'uvicorn', 'shop:app', '--port', port, '--env-file', 'sandbox.env', '--timeout-graceful-shutdown', '5'],
    ],
  },
  {
    name: 'Express',
    folder: join(INSTALLED, 'express'),
    command: () => [process.execPath, '--env-file=sandbox.env', 'shop.js'],
  },
];

/** Waits until it holds, and returns what it says. */
export async function until(what, holds) {
  for (const end = Date.now() + LIMIT_MILLISECONDS; ; await pause(50)) {
    const held = await holds();
    if (held) return held;
    assert.ok(Date.now() < end, `waited ${LIMIT_MILLISECONDS} ms until ${what}`);
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return String(port);
}

/** A running shop and its sandbox, until they are stopped. */
export async function startShop({ folder, command }) {
  const books = await mkdtemp(join(tmpdir(), 'lipia-duka-'));
  const sandbox = await startSandbox();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  // What is set here goes before what stands in sandbox.env.
  const environment = {
    ...ENVIRONMENT,
    MPESA_BASE_URL: sandbox.base_url,
    MPESA_CALLBACK_URL: `${url}/pay`,
    LIPIA_LEDGER: `sqlite://${books}/payments.db`,
    SHOP_DATABASE: join(books, 'shop.sqlite'),
    SHOP_ORDERS: join(books, 'orders'),
    PORT: port,
  };
  const [program, ...args] = command(port);
  const running = spawn(program, args, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((end) => running.once('close', end));
  let log = '';
  for (const stream of [running.stdout, running.stderr]) stream.on('data', (text) => (log += text));

  const control = async (path, body) => {
    const request = body && { method: 'POST', headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${sandbox.base_url}/_sandbox/${path}`, { ...request, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer.json();
  };
  const shop = {
    url,
    sandbox,
    /** How often a phone was prompted. */
    prompts: async () => (await control('counters')).prompts,
    /** What the gateway knows of each push that it took. */
    payments: () => control('payments'),
    /** Makes the next push, callback or query go wrong. */
    inject: (step, kind, more) => control('faults', { step, kind, ...more }),
    /** What the customer of a number that waits does about the last prompt. */
    async act(what) {
      const { checkout_request_id: id } = (await control('payments')).at(-1);
      await control(`payments/${id}/act`, { do: what });
    },
    async stop() {
      running.kill('SIGTERM');
      const killer = setTimeout(() => running.kill('SIGKILL'), LIMIT_MILLISECONDS);
      await ended;
      clearTimeout(killer);
      await sandbox.stop();
      await rm(books, { recursive: true, force: true });
    },
  };
  try {
    await until('the shop answers', () => {
      assert.equal(running.exitCode, null, log);
      return fetch(url).then(
        (answer) => answer.ok,
        () => false,
      );
    });
  } catch (error) {
    await shop.stop();
    throw error;
  }
  return shop;
}
