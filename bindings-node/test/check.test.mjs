/** The check of a client's settings: each broken one is a line of its own, and nobody is prompted. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { CorrectInputError, Daraja } from 'lipia';
import { callbacks } from 'lipia/node';
import { startSandbox } from 'lipia/sandbox';

const PARTS = ['settings', 'connection', 'credentials', 'pass_key', 'clock', 'till', 'callback', 'ledger'];

/** Runs with a sandbox and closes it. */
const withSandbox = async (run) => {
  const sandbox = await startSandbox();
  try {
    await run(sandbox);
  } finally {
    await sandbox.stop();
  }
};

test('a good shop has a line for every part, and nobody is prompted', () =>
  withSandbox(async (sandbox) => {
    const daraja = new Daraja(sandbox.settings());
    const checkup = await daraja.check();
    assert.deepEqual(
      checkup.lines.map(({ part }) => part),
      PARTS,
    );
    assert.equal(checkup.isGood, true, JSON.stringify(checkup.broken));
    assert.equal((await sandbox.counters()).push_attempts, 0);
    await daraja.close();
  }));

test('a wrong pass key is a line and no error', () =>
  withSandbox(async (sandbox) => {
    const daraja = new Daraja({ ...sandbox.settings(), passKey: '0'.repeat(64) });
    const { broken, isGood } = await daraja.check();
    assert.deepEqual(
      broken.map(({ part, state }) => [part, state]),
      [['pass_key', 'failed']],
    );
    assert.ok(broken[0].code && !isGood);
    await daraja.close();
  }));

test('options that there are not are refused', () =>
  withSandbox(async (sandbox) => {
    const daraja = new Daraja(sandbox.settings());
    await assert.rejects(daraja.check({ reach: true }), CorrectInputError);
    await assert.rejects(daraja.check({ reachCallback: 'yes' }), CorrectInputError);
    assert.equal((await daraja.checkSafe({ reachCallback: 1 })).ok, false);
    await daraja.close();
  }));

test("the callback URL is reached through the shop's own handler, which tells nobody", () =>
  withSandbox(async (sandbox) => {
    const server = createServer();
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    const settings = { ...sandbox.settings(), callbackUrl: `http://127.0.0.1:${server.address().port}/pay` };
    const shop = new Daraja(settings);
    const errors = [];
    server.on('request', callbacks(shop, { onError: (error) => errors.push(error) }));
    const daraja = new Daraja(settings);
    const lineOf = ({ lines }) => lines.find(({ part }) => part === 'callback');
    const reached = lineOf(await daraja.check({ reachCallback: true }));
    assert.equal(reached.state, 'ok', JSON.stringify(reached));
    assert.match(reached.message, /came back in/);
    assert.deepEqual(errors, []);
    await new Promise((done) => server.close(done));
    server.closeAllConnections();
    const gone = lineOf(await daraja.check({ reachCallback: true }));
    assert.equal(gone.state, 'failed', JSON.stringify(gone));
    await shop.close();
    await daraja.close();
  }));
