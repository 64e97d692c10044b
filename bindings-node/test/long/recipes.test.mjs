/** The recipes, each as it stands in the document: built, run, and bought from. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { startSandbox } from 'lipia/sandbox';
import { freePort } from '../support/ports.mjs';
import { startPostgresql } from '../support/postgresql.mjs';
import {
  buy,
  environOf,
  environOfShop,
  linesOf,
  MODULES,
  ORDERS,
  projectOf,
  run,
  serve,
  until,
} from './support/recipes.mjs';

const NODE = process.execPath;

const ORDERS_IN_TYPESCRIPT = ORDERS.replace('get(id)', 'get(id: string)')
  .replace('(id, receipt)', '(id: string | null, receipt: string | null)')
  .replace('error.code', '(error as { code: string }).code');

/** Copies a folder: by links of its files, where both lie on one disk. */
function copyTree(from, to) {
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' });
  } catch {
    rmSync(to, { recursive: true, force: true });
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  }
}

/** A sandbox, and the environment of a shop whose ledger is a file and whose callbacks come to a free port. */
async function world(t, more = {}) {
  const sandbox = await startSandbox();
  t.after(() => sandbox.stop());
  const data = mkdtempSync(path.join(tmpdir(), 'lipia-recipe-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const port = await freePort();
  const environ = environOfShop(sandbox, data, port, more);
  return { sandbox, data, port, environ, marked: () => linesOf(data, 'marked') };
}

test('Next.js, built without keys, its standalone build run elsewhere', { timeout: 600_000 }, async (t) => {
  const { sandbox, data, port, environ, marked } = await world(t);
  const own = {
    'lib/orders.ts': ORDERS_IN_TYPESCRIPT,
    'package.json': '{ "name": "shop", "private": true }',
    'package-lock.json': '{ "name": "shop", "lockfileVersion": 3, "requires": true, "packages": {} }',
  };
  // Away from the repository, with packages of its own, as its user has it: Next collects files by where they lie.
  const folder = projectOf('next', 'Next.js', own, data);
  copyTree(MODULES, path.join(folder, 'node_modules'));
  const next = path.join(folder, 'node_modules', 'next', 'dist', 'bin', 'next');
  const quiet = { NEXT_TELEMETRY_DISABLED: '1', CI: 'true' };
  await run(NODE, [next, 'build'], { folder, environ: environOf(quiet) });

  const standalone = path.join(data, 'standalone');
  renameSync(path.join(folder, '.next', 'standalone'), standalone);
  rmSync(folder, { recursive: true });
  const installed = readdirSync(path.join(standalone, 'node_modules'));
  assert.ok(
    installed.some((name) => /^lipia-/.test(name)),
    `the addon is not among ${installed}`,
  );
  const server = { folder: standalone, environ: { ...environ, ...quiet, HOSTNAME: '127.0.0.1' }, port };
  await serve(t, NODE, ['server.js'], server);
  await buy(sandbox, port, marked);
});

test('NestJS', { timeout: 300_000 }, async (t) => {
  const { sandbox, port, environ, marked } = await world(t);
  const folder = projectOf('nest', 'NestJS', {
    'orders.service.ts': `import { Injectable } from '@nestjs/common';
import { orders } from './orders.js';

@Injectable()
export class OrdersService {
  get(id: string): Promise<{ price: number; number: string }> {
    return orders.get(id);
  }
  markPaid(id: string | null, receipt: string | null): Promise<void> {
    return orders.markPaid(id, receipt);
  }
}
`,
    'orders.module.ts': `import { Module } from '@nestjs/common';
import { OrdersService } from './orders.service';

@Module({ providers: [OrdersService], exports: [OrdersService] })
export class OrdersModule {}
`,
    'orders.js': ORDERS,
    'package.json': '{ "name": "shop", "private": true }',
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        strict: true,
        target: 'es2022',
        module: 'nodenext',
        moduleResolution: 'nodenext',
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        allowJs: true,
        skipLibCheck: true,
        types: ['node'],
        outDir: 'dist',
      },
      files: ['main.ts'],
    }),
  });
  const typescript = path.join(MODULES, 'typescript', 'bin', 'tsc');
  await run(NODE, [typescript], { folder, environ: environOf() });
  const { child, ended } = await serve(t, NODE, ['dist/main.js'], { folder, environ, port });
  await buy(sandbox, port, marked);
  child.kill('SIGTERM');
  const [code, signal] = await ended;
  assert.ok(code === 0 || signal === 'SIGTERM', `${code} ${signal}`);
});

test('Drizzle, with one PostgreSQL for shop and ledger', { timeout: 300_000 }, async (t) => {
  const postgresql = await startPostgresql();
  t.after(() => postgresql.stop());
  const address = postgresql.address.replace(/\?.*/, '');
  const { sandbox, port, environ } = await world(t, { LIPIA_LEDGER: postgresql.address, DATABASE_URL: address });
  const folder = projectOf('drizzle', 'Drizzle, and one PostgreSQL for shop and ledger');
  const { Client } = createRequire(path.join(MODULES, 'x.js'))('pg');
  const database = new Client({ connectionString: address });
  await database.connect();
  t.after(() => database.end());
  await database.query('CREATE TABLE orders (id text PRIMARY KEY, price integer NOT NULL, receipt text)');
  await database.query("INSERT INTO orders SELECT 'order-' || n, 150 FROM generate_series(0, 5) n");
  await database.query("INSERT INTO orders VALUES ('order-wrong', 150)");
  await serve(t, NODE, ['shop.mjs'], { folder, environ, port });
  let marked = [];
  const look = async () => {
    const { rows } = await database.query('SELECT id FROM orders WHERE receipt IS NOT NULL ORDER BY id');
    marked = rows.map(({ id }) => id);
  };
  const looking = setInterval(() => void look(), 50);
  t.after(() => clearInterval(looking));
  await buy(sandbox, port, () => marked);
  clearInterval(looking);
  // The acknowledgement was the shop's: nothing is told again.
  const { rows } = await database.query('SELECT attempts::int, news > told AS owed FROM lipia.payments ORDER BY seq');
  assert.deepEqual(rows, Array(6).fill({ attempts: 1, owed: false }));
});

test('PM2, four processes, ended so that nothing is lost', { timeout: 300_000 }, async (t) => {
  const { sandbox, data, port, environ, marked } = await world(t);
  const folder = projectOf('pm2', 'PM2, and a cluster', { 'orders.mjs': ORDERS });
  const pm2 = path.join(MODULES, 'pm2', 'bin', 'pm2');
  const inPm2 = { ...environ, PM2_HOME: path.join(data, 'pm2'), PM2_DISABLE_VERSION_CHECK: 'true' };
  const { child, ended } = await serve(t, NODE, [pm2, 'start', 'ecosystem.config.cjs', '--no-daemon'], {
    folder,
    environ: inPm2,
    port,
  });
  await buy(sandbox, port, marked, 12);
  const processes = new Set(linesOf(data, 'told').map((line) => line.split(' ')[1]));
  assert.ok(processes.size > 1, `all was told in ${[...processes]}`);
  child.kill('SIGINT');
  await ended;
  assert.equal(marked().length, 12);
});

test('serverless: every request in a process of its own, which ends with the answer', {
  timeout: 300_000,
}, async (t) => {
  const postgresql = await startPostgresql();
  t.after(() => postgresql.stop());
  const more = { LIPIA_LEDGER: postgresql.address, CRON_SECRET: 'known to the timer' };
  const { sandbox, port, environ, marked } = await world(t, more);
  const folder = projectOf('serverless', 'Serverless', {
    'lib/orders.mjs': ORDERS,
    // The host: it hands one request to the route that the path names, and ends with the answer.
    'host.mjs': `const { method, url, headers, body } = JSON.parse(process.argv[2]);
const [, route] = new URL(url).pathname.split('/');
const module = await import('./api/' + route + '.mjs');
const answer = await module[method](new Request(url, { method, headers, body }));
process.stdout.write(JSON.stringify({ status: answer.status, text: await answer.text() }));
process.exit();
`,
  });
  const invoke = async (method, place, headers, body) => {
    const url = `http://127.0.0.1:${port}${place}`;
    const said = await run(NODE, ['host.mjs', JSON.stringify({ method, url, headers, body })], { folder, environ });
    return JSON.parse(said.slice(said.lastIndexOf('{"status"')));
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const { status, text } = await invoke('POST', request.url, { 'content-type': 'application/json' }, body);
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  }).listen(port, '127.0.0.1');
  t.after(() => server.close());

  const order = (id, phone) =>
    invoke('POST', '/orders', { 'content-type': 'application/json' }, JSON.stringify({ id, phone }));
  const cron = (secret) => invoke('GET', '/cron', { authorization: `Bearer ${secret}` });
  const twice = await Promise.all([order('order-0', '254710000005'), order('order-0', '254710000005')]);
  assert.deepEqual(
    twice.map(({ status }) => status),
    [202, 202],
  );
  await until('the callback has the order marked', () => marked().includes('order-0'));

  // A callback that never comes: the timer's route asks.
  sandbox.inject({ step: 'callback', kind: 'callback_lost' });
  assert.equal((await order('order-1', '254710010005')).status, 202);
  assert.equal((await cron('guessed')).status, 401);
  await until('the timer has the other order marked', async () => {
    const { status, text } = await cron('known to the timer');
    assert.equal(status, 200, text);
    return marked().includes('order-1');
  });
  assert.deepEqual(marked(), ['order-0', 'order-1']);
  assert.equal(sandbox.prompts, 2);
});
