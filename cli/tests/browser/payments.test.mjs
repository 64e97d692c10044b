// The page over a ledger, in a real browser, before a real `lipia payments serve` and payments of a real sandbox.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  ENVIRONMENT,
  openPage,
  push,
  startBrowser,
  startSandbox,
  violations,
} from '../../../sandbox/tests/browser/support.mjs';

const LIPIA = process.env.LIPIA_PROGRAM;
const LIMIT = { timeout: 180_000 };
// Phones that pay, cancel, and wait for the test.
const PAYS = '0712345678';
const CANCELS = '0712001032';
const WAITS = '0712009000';
const HOSTILE = '<img src=x onerror=alert(1)>';

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());

/** `lipia payments serve`, until it is stopped. */
async function startServe(ledger, sandbox, ...more) {
  const args = ['payments', 'serve', '--json', '--ledger', ledger, '--base-url', sandbox.base_url, ...more];
  const program = spawn(LIPIA, args, { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] });
  program.stderr.resume();
  const ended = once(program, 'exit');
  const lines = createInterface({ input: program.stdout });
  const [first] = await Promise.race([
    once(lines, 'line'),
    ended.then(() => Promise.reject(new Error('the command ended before it said where the page is'))),
  ]);
  return {
    ...JSON.parse(first),
    async stop() {
      program.kill('SIGTERM');
      await ended;
    },
  };
}

/** A ledger with payments, a page over it, and in the end that the browser had nothing else to complain about. */
async function atThePage(orders, more, use, expected = []) {
  // Not in a temporary folder: the ledger would warn of that, on the page too.
  const folder = await mkdtemp(fileURLToPath(new URL('books-', import.meta.url)));
  const ledger = `sqlite://${join(folder, 'payments.db')}`;
  const sandbox = await startSandbox();
  let served;
  let page;
  try {
    const payments = {};
    for (const [order, phone, ...args] of orders) payments[order] = await pushed(sandbox, ledger, order, phone, args);
    served = await startServe(ledger, sandbox, ...more);
    const opened = await openPage(browser.context, served.page_url);
    page = opened.page;
    await page.getByText('Live', { exact: true }).waitFor();
    await use({ ...opened, sandbox, served, ledger, payments });
    assert.equal(opened.complaints.length, expected.length, opened.complaints.join('\n'));
    for (const [place, pattern] of expected.entries()) assert.match(opened.complaints[place], pattern);
  } finally {
    await page?.close();
    await served?.stop();
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A payment of the ledger, pushed; it has ended where its phone ends by itself. */
function pushed(sandbox, ledger, order, phone, args = []) {
  const more = ['--order', order, '--ledger', ledger, ...args];
  if (!phone.endsWith(WAITS.slice(4))) return push(sandbox, phone, 'INV-1', ...more);
  return promisify(execFile)(
    LIPIA,
    ['push', '--phone', phone, '--amount', '150', '--reference', 'INV-1', '--json', '--base-url', sandbox.base_url, ...more],
    { env: ENVIRONMENT },
  ).then(({ stdout }) => JSON.parse(stdout.trim().split('\n').at(-1)));
}

const heading = (page, name) => page.getByRole('heading', { name });
const rows = (page) => page.getByRole('table').getByRole('row');
const rowOf = (page, order) => rows(page).filter({ has: page.getByRole('cell', { name: order, exact: true }) });
const show = (page, name) => page.getByRole('button', { name, exact: true }).click();
const facts = (page) => page.locator('#facts');
const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);

async function open(page, order) {
  await rowOf(page, order).getByRole('link').click();
  await heading(page, new RegExp(`of order ${order}`)).waitFor();
}

const THREE = [
  ['order-1', PAYS],
  ['order-2', CANCELS],
  ['order-3', WAITS],
];

test('payments are listed by how they stand, and found by phone, order, receipt and id', LIMIT, () =>
  atThePage(THREE, [], async ({ page, payments }) => {
    await rowOf(page, 'order-3').waitFor();
    assert.equal(await rows(page).count(), 4, 'three payments and the head');
    await page.getByText('Shop default, sandbox: 3 payments, 1 open').waitFor();
    await page.getByText('This page only reads.').waitFor();
    await show(page, 'Paid');
    await heading(page, 'Paid payments').waitFor();
    await rowOf(page, 'order-1').getByText('2547***678').waitFor();
    await rowOf(page, 'order-3').waitFor({ state: 'detached' });
    await show(page, 'Open');
    await rowOf(page, 'order-3').waitFor();
    await rowOf(page, 'order-1').waitFor({ state: 'detached' });
    await show(page, 'Flagged');
    await page.getByText('There are none.').waitFor();
    const { receipt, payment_id: id } = payments['order-1'];
    for (const text of ['0712 345 678', 'order-1', receipt, receipt.toLowerCase(), id, id.slice(0, 8)]) {
      await page.getByLabel('Receipt, phone, order, reference or payment').fill(text);
      await page.keyboard.press('Enter');
      await heading(page, `All payments with “${text}”`).waitFor();
      await rowOf(page, 'order-1').waitFor();
      assert.equal(await rows(page).count(), 2, text);
    }
    await page.getByLabel('Receipt, phone, order, reference or payment').fill('nobody');
    await show(page, 'Search');
    await page.getByText('There are none.').waitFor();
    assert.equal(new URL(page.url()).hash, '', 'no number stays in the address');
  }),
);

test('a payment tells its story, by the keyboard alone', LIMIT, () =>
  atThePage(THREE, [], async ({ page, payments }) => {
    const link = rowOf(page, 'order-1').getByRole('link');
    await link.waitFor();
    for (let tabs = 0; tabs < 20 && !(await isFocused(link)); tabs++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const title = heading(page, /^Payment [0-9a-f]{8} of order order-1$/);
    await title.waitFor();
    assert.ok(await isFocused(title), 'a screen reader begins at the title');
    await facts(page).getByText(payments['order-1'].receipt, { exact: true }).waitFor();
    await page.getByText('settled: success').waitFor();
    await page.getByText('Now: paid.').waitFor();
    for (const name of ['Ask the gateway', 'Settle', 'Give up the order'])
      assert.ok(!(await page.getByRole('button', { name, exact: true }).isVisible()), `${name}: the page only reads`);
    assert.equal(await page.getByText('254712345678').count(), 0);
    await page.goBack();
    await link.waitFor();
    assert.ok(await isFocused(link), 'back at the payment one comes from');
    await page.goForward();
    await title.waitFor();
    await page.reload();
    await title.waitFor();
  }),
);

test('a person asks the gateway, settles a payment and gives up an order', LIMIT, () =>
  atThePage([...THREE, ['order-4', WAITS.replace('0712', '0722')]], ['--allow-changes'], async ({ page, sandbox, posted }) => {
    await page.getByText('Changes are allowed.').waitFor();
    await open(page, 'order-3');
    await show(page, 'Ask the gateway');
    await page.getByText(/last asked about, once in all/).waitFor();
    const prompt = (await (await fetch(`${sandbox.base_url}/_sandbox/payments`)).json()).find(
      (payment) => payment.phone === '254712009000',
    );
    await fetch(`${sandbox.base_url}/_sandbox/payments/${prompt.checkout_request_id}/act`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"do":"cancel"}',
    });
    await show(page, 'Ask the gateway');
    await page.getByText('settled: cancelled').waitFor();
    await page.getByRole('button', { name: 'Ask the gateway' }).waitFor({ state: 'hidden' });
    await page.getByRole('link', { name: 'All payments' }).click();

    await open(page, 'order-4');
    await page.getByLabel('The customer may be prompted twice').check();
    await show(page, 'Give up the order');
    await page.getByText('It does not hold its order.').waitFor();
    await show(page, 'Settle');
    assert.equal(posted.filter(([path]) => path.endsWith('/resolve')).length, 0, 'nothing is settled without an answer');
    await page.getByLabel('The money came, with this receipt').check();
    await page.keyboard.type('SKL7654321');
    await page.getByLabel('I have looked at the merchant').check();
    await show(page, 'Settle');
    await page.getByText('Now: paid.').waitFor();
    await facts(page).getByText('SKL7654321', { exact: true }).waitFor();
    assert.deepEqual(
      posted.map(([path]) => path.split('/').at(-1)),
      ['ask', 'ask', 'release', 'resolve'],
    );
    await page.getByText('Shop default, sandbox: 4 payments, 0 open').waitFor();
  }),
);

test('a receipt that another payment has is refused, and the page says so', LIMIT, () =>
  atThePage(
    THREE,
    ['--allow-changes'],
    async ({ page, payments }) => {
      await open(page, 'order-3');
      await page.getByLabel('The money came, with this receipt').check();
      await page.getByLabel('Receipt', { exact: true }).fill(payments['order-1'].receipt);
      await page.getByLabel('I have looked at the merchant').check();
      await show(page, 'Settle');
      await page.getByRole('alert').getByText('receipt').waitFor();
      await page.getByText('Now: accepted.').waitFor();
      // The browser notes the status of that answer.
    },
    [/status of 4\d\d/],
  ),
);

test('the list shows what happens meanwhile, and leaves the focus where it is', LIMIT, () =>
  atThePage(THREE, [], async ({ page, sandbox, ledger }) => {
    const link = rowOf(page, 'order-2').getByRole('link');
    await link.focus();
    await pushed(sandbox, ledger, 'order-9', PAYS);
    await rowOf(page, 'order-9').getByText('paid', { exact: true }).waitFor();
    assert.ok(await isFocused(link));
  }),
);

test('what a shop wrote is text and nothing else', LIMIT, () =>
  atThePage([[HOSTILE, CANCELS]], [], async ({ page }) => {
    await rowOf(page, HOSTILE).getByRole('link').click();
    await heading(page, new RegExp('of order <img')).waitFor();
    await page.goBack();
    await page.getByLabel('Receipt, phone, order, reference or payment').fill(HOSTILE);
    await show(page, 'Search');
    await heading(page, `All payments with “${HOSTILE}”`).waitFor();
    assert.equal(await page.locator('img, main script').count(), 0);
  }),
);

test('a payment that is not there is told, and a page whose command has ended says so', LIMIT, () =>
  atThePage(
    THREE,
    [],
    async ({ page, served }) => {
      await page.evaluate(() => {
        location.hash = '#00000000';
      });
      await page.getByRole('alert').getByText('payment').waitFor();
      await rowOf(page, 'order-1').waitFor();
      await served.stop();
      await page.getByText('The command has ended.').waitFor();
    },
    // The browser notes the status of that answer, and each look that fails from then on.
    [/status of 4\d\d/, /ERR_CONNECTION_REFUSED/],
  ),
);

for (const colorScheme of ['light', 'dark']) {
  test(`the page can be used by everybody, also on a small screen: ${colorScheme}`, LIMIT, () =>
    atThePage(THREE, ['--allow-changes'], async ({ page }) => {
      const everybody = async () => {
        assert.deepEqual(await violations(page), []);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= page.viewportSize().width, `${width} pixels wide`);
      };
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await rowOf(page, 'order-3').waitFor();
      await everybody();
      await page.setViewportSize({ width: 360, height: 740 });
      await everybody();
      await open(page, 'order-3');
      await everybody();
      await page.setViewportSize({ width: 1060, height: 800 });
      await everybody();
    }),
  );
}

const pictures = process.env.LIPIA_PICTURES;
if (pictures)
  test('the picture of the documents', LIMIT, () =>
    atThePage([...THREE, ['order-4', PAYS], ['order-5', WAITS.replace('0712', '0722')]], [], async ({ page }) => {
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      await rowOf(page, 'order-5').waitFor();
      await page.setViewportSize({ width: 1060, height: 420 });
      await page.screenshot({ path: `${pictures}/payments-page.png` });
    }),
  );
