/** The sandbox's page with a phone. What it does is tested in a browser; this is its address. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSandbox } from 'lipia/sandbox';

test('the sandbox has a page with a phone', async () => {
  const sandbox = await startSandbox();
  assert.ok(sandbox.phoneUrl.startsWith(`${sandbox.baseUrl}/phone/`), sandbox.phoneUrl);
  const page = await fetch(sandbox.phoneUrl);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<title>A phone/);
  await sandbox.stop();
});
