// The page with the phone, in a real browser, before a real `lipia sandbox` and pushes of a real `lipia push`.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPhone, push, rawPush, startBrowser, startSandbox, violations } from './support.mjs';

const PHONE = '0712345678';
const LIMIT = { timeout: 180_000 };

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());

/** A sandbox and its page; in the end, that the browser had nothing else to complain about. */
async function atThePhone(use, expected = []) {
  const sandbox = await startSandbox();
  const { page, complaints, posted } = await openPhone(browser.context, sandbox);
  try {
    await use({ sandbox, page, posted });
    assert.equal(complaints.length, expected.length, complaints.join('\n'));
    for (const [place, pattern] of expected.entries()) assert.match(complaints[place], pattern);
  } finally {
    await page.close();
    await sandbox.stop();
  }
}

const prompt = (page) => page.getByRole('alertdialog', { name: 'M-PESA' });
const messages = (page) => page.getByRole('log', { name: 'Messages' });
const lines = (page) => page.getByRole('log', { name: 'On the wire' });
const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);

test('a payment is prompted, paid by the keyboard alone, and told in a message with its receipt', LIMIT, () =>
  atThePhone(async ({ sandbox, page, posted }) => {
    const pushed = push(sandbox, PHONE, 'INV-001');
    await prompt(page).getByText('Do you want to pay KES 150 to business 174379 account INV-001?').waitFor();
    assert.ok(await isFocused(page.getByLabel('Enter M-PESA PIN')), 'the prompt has the focus');
    await page.getByText(/^The prompt closes in \d+ s\.$/).waitFor();
    await page.keyboard.type('12');
    await page.keyboard.press('Enter');
    assert.ok(await prompt(page).isVisible(), 'two digits are not a PIN');
    await page.keyboard.type('34');
    await page.keyboard.press('Enter');
    await messages(page).getByText(' Confirmed. Ksh150.00 sent to business 174379 for account INV-001 on ').waitFor();
    await prompt(page).waitFor({ state: 'hidden' });
    const { paid, receipt } = await pushed;
    assert.equal(paid, true);
    await messages(page).getByText(`${receipt} Confirmed.`).waitFor();
    await lines(page).getByText('POST /mpesa/stkpush/v1/processrequest').waitFor();
    await lines(page)
      .getByText(/^called back http:.*: 200$/)
      .waitFor();
    const row = lines(page).getByRole('listitem').filter({ hasText: 'POST /mpesa/stkpush' });
    await row.getByText('200', { exact: true }).waitFor();
    const acts = posted.filter(([path]) => path.endsWith('/act'));
    assert.deepEqual(
      acts.map(([, body]) => body),
      ['{"do":"pay"}'],
      'the PIN stays in the page',
    );
    assert.ok(
      posted.every(([, body]) => !body.includes('1234"')),
      'the PIN stays in the page',
    );
    assert.equal(await page.getByLabel('Enter M-PESA PIN').inputValue(), '', 'the PIN is forgotten');
  }),
);

test('a person cancels, has no money, and does not answer', LIMIT, () =>
  atThePhone(async ({ sandbox, page }) => {
    const endings = [
      ['cancelled', 'Cancelled. No money was taken.', () => page.keyboard.press('Escape')],
      [
        'insufficient_funds',
        'Not enough money in M-PESA.',
        () => page.getByRole('button', { name: 'No money' }).click(),
      ],
      [
        'timeout',
        'Nobody answered, and the prompt went away.',
        () => page.getByRole('button', { name: 'No answer' }).click(),
      ],
    ];
    for (const [outcome, note, act] of endings) {
      const pushed = push(sandbox, PHONE, 'INV-002');
      await prompt(page).waitFor();
      await act();
      await messages(page).getByText(note).waitFor();
      assert.equal((await pushed).outcome, outcome);
    }
  }),
);

test('a phone that nobody holds does what its number says', LIMIT, () =>
  atThePhone(
    async ({ sandbox, page }) => {
      const timedOut = push(sandbox, '0712001037', 'INV-003');
      await page.getByRole('button', { name: '0712 001 037' }).click();
      await messages(page).getByText('Nobody answered').waitFor();
      assert.equal((await timedOut).outcome, 'timeout');
      await page.getByRole('button', { name: '0712 345 678' }).click();
      await page.getByLabel('I hold this phone').uncheck();
      const paid = push(sandbox, PHONE, 'INV-003');
      await messages(page).getByText(' Confirmed. ').waitFor();
      assert.equal((await paid).paid, true);
      await page.getByLabel('Another phone').fill('0722 001 032');
      await page.getByRole('button', { name: 'Open' }).click();
      await page.getByText('Waiting for a push to 0722 001 032').waitFor();
      assert.ok(await page.getByLabel('I hold this phone').isChecked());
      const held = push(sandbox, '0722001032', 'INV-004');
      await prompt(page).waitFor();
      await page.getByText('The prompt closes in').waitFor();
      await page.getByLabel('Enter M-PESA PIN').fill('0000');
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      assert.equal((await held).paid, true, 'although the number would cancel');
      await page.getByLabel('Another phone').fill('12');
      await page.getByRole('button', { name: 'Open' }).click();
      await page.getByRole('alert').getByText('not a Kenyan mobile number').waitFor();
      // The browser notes the status of that answer.
    },
    [/status of 400/],
  ),
);

test('a page that is closed holds no phone any more', LIMIT, () =>
  atThePhone(async ({ sandbox, page }) => {
    await page.goto('about:blank');
    assert.equal((await push(sandbox, PHONE, 'INV-005')).paid, true);
  }),
);

test('a fault is set by a click, and seen where it happens', LIMIT, () =>
  atThePhone(async ({ sandbox, page }) => {
    await page.getByRole('button', { name: 'Lose the callback' }).click();
    await page.getByText('Waiting: callback callback_lost').waitFor();
    await page.getByRole('button', { name: 'Clear the faults' }).click();
    await page.getByText('Waiting: ').waitFor({ state: 'hidden' });
    await page.getByLabel('Any fault').selectOption('push answer_lost');
    await page.getByRole('button', { name: 'Set', exact: true }).click();
    await page.getByText('Waiting: push answer_lost').waitFor();
    const pushed = push(sandbox, PHONE, 'INV-006');
    const row = lines(page).getByRole('listitem').filter({ hasText: 'fault: answer_lost' });
    await row.getByText('no answer', { exact: true }).waitFor();
    // The phone was prompted all the same, and its prompt takes the customer's answer.
    await prompt(page).waitFor();
    await page.keyboard.press('Escape');
    await pushed;
  }),
);

test('what a shop sends is text and nothing else', LIMIT, () =>
  atThePhone(async ({ sandbox, page }) => {
    const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    assert.equal(await rawPush(sandbox, '254712345678', hostile, hostile), 200);
    await prompt(page).getByText(hostile).waitFor();
    await page.keyboard.type('0000');
    await page.keyboard.press('Enter');
    await messages(page).getByText(hostile).waitFor();
    await lines(page).getByText(hostile).waitFor();
    assert.equal(await page.locator('img, main script').count(), 0);
  }),
);

for (const colorScheme of ['light', 'dark']) {
  test(`the page can be used by everybody, also on a small screen: ${colorScheme}`, LIMIT, () =>
    atThePhone(async ({ sandbox, page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      assert.deepEqual(await violations(page), []);
      const first = push(sandbox, PHONE, 'INV-007');
      await prompt(page).waitFor();
      assert.deepEqual(await violations(page), []);
      await page.keyboard.type('0000');
      await page.keyboard.press('Enter');
      await first;
      await page.getByRole('button', { name: 'Lose the answer' }).click();
      await page.getByText('Waiting: ').waitFor();
      const second = push(sandbox, PHONE, 'INV-008');
      await prompt(page).waitFor();
      await lines(page).getByText('fault: answer_lost').waitFor();
      assert.deepEqual(await violations(page), []);
      await page.setViewportSize({ width: 360, height: 740 });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 360, `${width} pixels wide`);
      assert.deepEqual(await violations(page), []);
      await page.setViewportSize({ width: 1060, height: 800 });
      await page.keyboard.press('Escape');
      await second;
    }),
  );
}

test('the page says when the sandbox has stopped', LIMIT, async () => {
  const sandbox = await startSandbox();
  const { page } = await openPhone(browser.context, sandbox);
  await sandbox.stop();
  await page.getByText('The sandbox has stopped.').waitFor();
  await page.close();
});

const pictures = process.env.LIPIA_PICTURES;
if (pictures)
  test('the pictures of the documents', LIMIT, () =>
    atThePhone(async ({ sandbox, page }) => {
      const first = push(sandbox, PHONE, 'INV-001');
      await prompt(page).waitFor();
      await page.keyboard.type('0000');
      await page.keyboard.press('Enter');
      await first;
      const second = push(sandbox, PHONE, 'INV-002');
      await prompt(page).waitFor();
      await page.keyboard.type('000');
      await page.setViewportSize({ width: 1060, height: 770 });
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.screenshot({ path: `${pictures}/phone-${colorScheme}.png` });
      }
      await page.keyboard.press('Escape');
      await second;
    }),
  );
