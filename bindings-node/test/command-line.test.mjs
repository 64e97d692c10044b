/** `npx lipia` keeps the contract of `docs/command-line.md`, whatever becomes of its streams and signals. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import { startSandbox } from 'lipia/sandbox';
import { freePort } from './support/ports.mjs';
import { core, PACKAGE } from './support/repository.mjs';
import { eventually, inTime } from './support/waiting.mjs';

const CLI = path.join(PACKAGE, 'dist', 'cli.js');
const VECTORS = path.join(PACKAGE, '..', 'core', 'vectors');
const onWindows = process.platform === 'win32' && 'signals and a shell of its own';

/** This process's environment, without keys of anybody's. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:MPESA|PALPLUSS|UPESIPAY|PAYHERO)_/.test(name)),
);

const started = [];
const scratch = mkdtempSync(path.join(tmpdir(), 'lipia-command-line-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
afterEach(() => {
  for (const child of started.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
});

function start(program, args, options = {}) {
  const child = spawn(program, args, { env: environment, ...options });
  started.push(child);
  return child;
}

const begin = (...args) => start(process.execPath, [CLI, ...args]);

/** What a process that has begun came to. */
async function ended(child, input) {
  const out = [];
  const err = [];
  child.stdout?.on('data', (chunk) => out.push(chunk));
  child.stderr?.on('data', (chunk) => err.push(chunk));
  child.stdin?.on('error', () => {}).end(input);
  const [status, signal] = await inTime('the command', once(child, 'close'));
  return { status, signal, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

const run = (...args) => ended(begin(...args));
const lines = ({ out }) =>
  out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

const push = (url, { phone = '0712345678', amount = '10' } = {}, ...more) => [
  'push',
  '--phone',
  phone,
  '--amount',
  amount,
  '--reference',
  'INV-1',
  '--base-url',
  url,
  '--json',
  ...more,
];

describe('what is answered at once', () => {
  test('every phone of the vectors is answered in order', async () => {
    const { cases } = JSON.parse(core('vectors', 'phones.json'));
    const texts = cases.filter(({ input_type }) => input_type === 'string');
    const answered = await run('phone', '--', ...texts.map(({ input }) => input));
    assert.equal(answered.status, 0, answered.err);
    assert.deepEqual(
      lines(answered).map(({ input, normalised }) => [input, normalised]),
      texts.map(({ input, normalised }) => [input, normalised]),
    );
  });

  test('every callback of the vectors is read', async () => {
    const expected = JSON.parse(core('vectors', 'callbacks', 'expected.json'));
    const names = Object.keys(expected).filter((name) => expected[name].provider === 'daraja');
    const files = names.map((name) => path.join(VECTORS, 'callbacks', name));
    const answered = await run('callback', '--gateway', 'daraja', ...files);
    assert.equal(answered.status, 0, answered.err);
    const read = lines(answered);
    assert.equal(read.length, names.length);
    for (const [place, name] of names.entries()) {
      for (const field of ['parses', 'error', 'outcome', 'receipt', 'amount', 'result_code', 'date']) {
        assert.deepEqual(read[place][field], expected[name][field], `${name}: ${field}`);
      }
    }
  });

  test('a body is read from standard input, as UTF-8 whatever the locale', async () => {
    const body = core('vectors', 'callbacks', 'd040_success_unicode_desc.json');
    const usual = await ended(begin('callback', '-'), body);
    const odd = await ended(
      start(process.execPath, [CLI, 'callback', '-'], { env: { ...environment, LC_ALL: 'C', LANG: 'C' } }),
      body,
    );
    assert.deepEqual([odd.status, odd.out, odd.err], [0, usual.out, '']);
    assert.equal(lines(odd)[0].outcome, 'success');
  });

  test('an argument that is no text gets a code and the others their answer', { skip: onWindows }, async () => {
    const script = `exec "$0" "$1" phone "$(printf '07\\377')" 0712345678`;
    const answered = await ended(start('sh', ['-c', script, process.execPath, CLI]));
    assert.equal(answered.status, 0, answered.err);
    const [odd, usual] = lines(answered);
    assert.match(odd.error, /^phone_/);
    assert.equal(usual.error, null);
  });

  for (const [args, status] of [
    [[], 2],
    [['--help'], 0],
    [['--version'], 0],
    [['phone'], 2],
    [['nothing'], 2],
    [['explain', '1032'], 0],
    [['explain', 'no_such_code'], 2],
    [['callback', '/no/such'], 1],
  ]) {
    test(`\`lipia ${args.join(' ')}\` ends with ${status}`, async () => {
      const done = await run(...args);
      assert.equal(done.status, status, done.err);
      assert.ok(done.out !== '' || done.err !== '');
      assert.doesNotMatch(done.err, /node:|\.js:\d/);
    });
  }

  test('it says the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(path.join(PACKAGE, 'package.json')));
    assert.equal((await run('--version')).out, `lipia ${version}\n`);
  });
});

describe('what is asked of a gateway', () => {
  let sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox();
  });
  afterEach(() => sandbox.stop());

  /** What is injected, and what the command ends with. */
  for (const [name, fault, status, disposition] of [
    ['accepted', null, 0, undefined],
    ['lost', { step: 'push', kind: 'answer_lost' }, 5, 'unknown'],
    ['cut', { step: 'push', kind: 'answer_cut' }, 5, 'unknown'],
    ['503 in HTML', { step: 'push', kind: 'unavailable_html' }, 5, 'unknown'],
    ['token refused', { step: 'push', kind: 'invalid_token_404' }, 0, undefined],
    ['wrong keys', { step: 'oauth', kind: 'invalid_credentials' }, 4, 'rejected'],
  ]) {
    test(`a push that is ${name} ends with ${status}`, async () => {
      if (fault !== null) sandbox.inject(fault);
      const pushed = await run(...push(sandbox.baseUrl));
      assert.equal(pushed.status, status, pushed.out + pushed.err);
      assert.equal(lines(pushed)[0].error?.disposition, disposition);
      assert.ok(sandbox.prompts <= 1);
    });
  }

  for (const [phone, status, outcome] of [
    ['0712345678', 0, 'success'],
    ['0712341032', 6, 'cancelled'],
    ['0712349001', 5, 'pending'],
  ]) {
    test(`with --wait ${outcome} ends with ${status}`, async () => {
      const timeout = status === 5 ? '0.5' : '20';
      const waiting = ['--wait', '--query-every', '0.05', '--timeout', timeout];
      const waited = await run(...push(sandbox.baseUrl, { phone }, ...waiting));
      assert.equal(waited.status, status, waited.out + waited.err);
      assert.equal(lines(waited)[1].outcome, outcome);
    });
  }

  test('bad input is two and nothing listening is three', async () => {
    const refused = await run(...push(sandbox.baseUrl, { amount: '0.4' }));
    assert.deepEqual([refused.status, lines(refused)[0].error.field], [2, 'amount']);
    assert.equal(sandbox.counters().push_attempts, 0);
    const unsent = await run(...push(`http://127.0.0.1:${await freePort()}`));
    assert.deepEqual([unsent.status, lines(unsent)[0].error.disposition], [3, 'not_sent']);
  });

  test('an order is pushed once and waited for by another process', async () => {
    const ledger = ['--ledger', `sqlite://${path.join(scratch, 'payments.db')}`];
    for (let time = 0; time < 2; time += 1) {
      assert.equal((await run(...push(sandbox.baseUrl, {}, '--order', '17', ...ledger))).status, 0);
    }
    const where = [...ledger, '--base-url', sandbox.baseUrl, '--json'];
    const waited = await run('wait', '--order', '17', ...where, '--query-every', '0.05');
    assert.deepEqual([waited.status, lines(waited)[0].paid, sandbox.prompts], [0, true, 1]);
  });

  for (const streams of ['>&-', '2>&-', '<&-', '>&- 2>&- <&-']) {
    test(`a stream that is closed from the start (${streams}) takes nothing else down`, {
      skip: onWindows,
    }, async () => {
      const done = await ended(
        start('sh', ['-c', `"$@" ${streams}`, 'sh', process.execPath, CLI, ...push(sandbox.baseUrl)]),
      );
      assert.equal(done.status, 0, done.err);
      assert.equal(sandbox.prompts, 1);
      assert.doesNotMatch(done.err, /node:|\.js:\d/);
    });
  }

  test('Ctrl-C during a wait ends as unknown and says how to go on', { skip: onWindows }, async () => {
    const waiting = begin(...push(sandbox.baseUrl, { phone: '0712349001' }, '--wait', '--query-every', '0.05'));
    const end = ended(waiting);
    await eventually('the gateway is asked', () => sandbox.counters().queries > 0);
    waiting.kill('SIGINT');
    const done = await end;
    assert.equal(done.status, 5, done.err);
    assert.match(done.err, /lipia wait/);
    assert.equal(lines(done)[0].accepted, true);
    assert.equal(sandbox.prompts, 1);
  });

  test('Ctrl-C during a push waits for its answer', { skip: onWindows }, async () => {
    sandbox.inject({ step: 'push', kind: 'slow_after', seconds: 100 });
    const pushing = begin(...push(sandbox.baseUrl));
    const end = ended(pushing);
    await eventually('the phone is prompted', () => sandbox.prompts === 1);
    pushing.kill('SIGINT');
    const done = await end;
    assert.equal(done.status, 0, done.err);
    assert.equal(lines(done)[0].accepted, true);
    assert.match(done.err, /Press Ctrl-C again/);
  });
});

describe('streams and signals', () => {
  test('a reader that has seen enough is no failure', async () => {
    const many = begin('phone', ...Array.from({ length: 20_000 }, (_, number) => String(number)));
    const err = [];
    many.stderr.on('data', (chunk) => err.push(chunk));
    await once(many.stdout, 'data');
    many.stdout.destroy();
    assert.deepEqual(await inTime('the command', once(many, 'exit')), [0, null]);
    assert.equal(Buffer.concat(err).toString(), '');
  });

  test('nothing is lost where nobody reads yet, in a program that was started by another', async () => {
    // A Node that has looked at its own output has made it one that does not block, for whoever shares it.
    const script =
      "process.stdout.write(''); require('node:child_process').spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit' });";
    const count = 5_000;
    const inputs = Array.from({ length: count }, (_, number) => String(number));
    const outer = start(process.execPath, ['-e', script, CLI, 'phone', ...inputs]);
    await once(outer.stdout, 'readable');
    const done = await ended(outer);
    assert.deepEqual([done.status, done.err], [0, '']);
    assert.equal(lines(done).length, count);
  });

  test('its output may be a file', async () => {
    const file = path.join(scratch, 'out');
    const descriptor = openSync(file, 'w');
    const done = await ended(
      start(process.execPath, [CLI, 'phone', '0712345678'], { stdio: ['ignore', descriptor, 'pipe'] }),
    );
    closeSync(descriptor);
    assert.equal(done.status, 0, done.err);
    assert.equal(JSON.parse(readFileSync(file, 'utf8')).normalised, '254712345678');
  });

  for (const signal of ['SIGINT', 'SIGTERM']) {
    test(`${signal} ends the sandbox at once`, { skip: onWindows }, async () => {
      const playing = begin('sandbox');
      const [first] = await once(playing.stdout, 'data');
      assert.match(first.toString(), /^http:\/\/127\.0\.0\.1:\d+\n/);
      const end = ended(playing);
      const asked = performance.now();
      playing.kill(signal);
      const done = await end;
      // It may come before the command listens for it.
      assert.ok(done.status === 0 || done.signal === signal, `${done.status} ${done.signal} ${done.err}`);
      assert.ok(performance.now() - asked < 20_000, 'it took its time');
      assert.doesNotMatch(done.err, /node:|\.js:\d/);
    });
  }

  test('Ctrl-C ends what reads', { skip: onWindows }, async () => {
    const pipe = path.join(scratch, 'body');
    execFileSync('mkfifo', [pipe]);
    const reading = begin('callback', pipe);
    const end = ended(reading);
    let writer;
    await eventually('the body is read', () => {
      try {
        writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
        return true;
      } catch {
        return false;
      }
    });
    reading.kill('SIGINT');
    const done = await end;
    closeSync(writer);
    assert.deepEqual([done.status, done.signal], [null, 'SIGINT']);
    assert.equal(done.err, '');
  });
});
