// The log: its levels, by the program and by the environment variable LIPIA_LOG.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startSandbox } from 'lipia/sandbox';
import { assertEnded, run } from './process/child.mjs';

let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

/** A push that is accepted, and one that is refused: a line of `info` and one of `warn`. */
const PROGRAM = `
await daraja.stkPush(sale());
await daraja.stkPushSafe(sale('9012'));
say('done');`;

/** What the program says on stderr, where the environment asks for that level. */
async function stderrOf(asked, before = '') {
  const ended = await run(before + PROGRAM, { sandbox, environ: { LIPIA_LOG: asked } });
  assertEnded(ended, { stdout: 'done' });
  return ended.stderr;
}

describe('LIPIA_LOG', () => {
  const levels = { off: [], error: [], warn: ['warn'], INFO: ['info', 'warn'], debug: ['info', 'warn', 'debug'] };
  for (const [asked, expected] of Object.entries(levels)) {
    test(`${asked} without a logger goes to stderr`, async () => {
      const said = await stderrOf(asked);
      const found = new Set(said.split('\n').flatMap((line) => line.match(/^lipia: (\w+): /)?.[1] ?? []));
      assert.deepEqual([...found].sort(), [...expected].sort(), said);
    });
  }

  test('goes before the methods of a logger, which has the lines', async () => {
    const logger = `lipia.setLogger({
      info: (line) => process.stderr.write('own info ' + line + '\\n'),
      warn: (line) => process.stderr.write('own warn ' + line + '\\n'),
    });`;
    const said = await stderrOf('warn', logger);
    assert.match(said, /^own warn the push was not accepted/m);
    assert.doesNotMatch(said, /own info|lipia: /);
  });

  test('a word that is not a level shows info, and is told', async () => {
    const said = await stderrOf('verbose');
    assert.match(said, /lipia: warn: LIPIA_LOG is not one of off, error, warn, info and debug/);
    assert.match(said, /lipia: info: the push was accepted/);
  });
});
