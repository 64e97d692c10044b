// The page of the shops in FastAPI and in Express, as their customers see it: a real browser, the real shop, a real `lipia sandbox`.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openPage, openPhone, startBrowser, violations } from '../../sandbox/tests/browser/support.mjs';
import { LIMIT_MILLISECONDS, SHOPS, startShop, until } from './shop.mjs';

const LIMIT = { timeout: 4 * LIMIT_MILLISECONDS };
/** The size of a phone's screen. */
const SCREEN = { width: 360, height: 740 };
const PAYS = '0712 345 678';
/** Waits until the test acts in the customer's place. */
const WAITS = '0712 009 000';
const CANCELS = '0712 001 032';
const NO_MONEY = '0712 008 001';
const NO_ANSWER = '0712 001 037';
const PAYS_WITHOUT_RECEIPT = '0712 009 009';
const REFUSED = '0712 009 012';

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());

const item = (page) => page.getByLabel('What would you like?');
const number = (page) => page.getByLabel('Your M-Pesa number');
const payButton = (page) => page.getByRole('button', { name: 'Pay with M-Pesa' });
const againButton = (page) => page.getByRole('button', { name: 'Try again' });
const anotherButton = (page) => page.getByRole('button', { name: 'Order something else' });
/** What a customer could pay a second time with. */
const anyButton = (page) => page.getByRole('button', { name: /pay|again|else/i });
const news = (page) => page.getByRole('status');
const pin = (page) => news(page).getByText('Enter your M-Pesa PIN on your phone.');
const paid = (page) => news(page).getByText('Payment received. Thank you.');
const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);

async function order(page, phone, goods = 'coffee') {
  await item(page).selectOption(goods);
  await number(page).fill(phone);
  await payButton(page).click();
}

/** That the page shows the receipt which the gateway gave the order's payment. */
async function seesReceipt(page, shop) {
  await paid(page).waitFor();
  const payment = (await shop.payments()).findLast(({ state }) => state === 'paid');
  await news(page).getByText(`M-Pesa receipt: ${payment.receipt}`).waitFor();
  return payment;
}

const pages = await Promise.all(SHOPS.map(({ folder }) => readFile(join(folder, 'page.html'), 'utf8')));

test('both shops have one page, byte for byte', () => {
  assert.ok(pages[0].includes('Duka'));
  assert.equal(pages[0], pages[1]);
});

for (const shopOf of SHOPS) {
  /** A test at the page of this shop; in the end, that the browser complained of what was expected and of nothing else. */
  const atTheShop = (name, use, expected = []) =>
    test(`${shopOf.name}: ${name}`, LIMIT, async () => {
      const shop = await startShop(shopOf);
      try {
        const { page, complaints, posted } = await openPage(browser.context, shop.url);
        try {
          await page.setViewportSize(SCREEN);
          await use({ shop, page, posted });
          const isExpected = (complaint) => expected.some((pattern) => pattern.test(complaint));
          assert.deepEqual(
            complaints.filter((complaint) => !isExpected(complaint)),
            [],
          );
          for (const pattern of expected) assert.match(complaints.join('\n'), pattern);
        } finally {
          // The next shop may get the same port, and with it what the page keeps of this one's order.
          await page.evaluate(() => localStorage.clear()).catch(() => {});
          await page.close();
        }
      } finally {
        await shop.stop();
      }
    });

  atTheShop('an order is paid by the keyboard alone, and its receipt is shown', async ({ shop, page }) => {
    await item(page).focus();
    await page.keyboard.press('s');
    await page.keyboard.press('Tab');
    assert.ok(await isFocused(number(page)), 'the phone number comes after the goods');
    await page.keyboard.type(WAITS);
    await page.keyboard.press('Enter');
    await pin(page).waitFor();
    assert.ok(await isFocused(page.getByRole('heading', { name: 'Samosa, KES 50' })), 'what is paid has the focus');
    assert.equal(await payButton(page).count(), 0, 'nothing to pay twice with');
    await shop.act('pay');
    const { amount, reference } = await seesReceipt(page, shop);
    assert.equal(amount, 50);
    await page.getByText(`Order ${reference}`, { exact: true }).waitFor();
    assert.equal(await shop.prompts(), 1);
    await anotherButton(page).press('Enter');
    assert.ok(await isFocused(item(page)), 'the next order begins with its goods');
    await order(page, PAYS);
    await paid(page).waitFor();
    assert.equal(await shop.prompts(), 2);
  });

  atTheShop('whoever cancels sees why, tries again and pays', async ({ shop, page }) => {
    await order(page, CANCELS);
    await news(page).getByText('You cancelled the payment.').waitFor();
    assert.equal(await news(page).getByText('Not paid', { exact: true }).count(), 1);
    assert.ok(!(await item(page).isVisible()), 'the order is for what was ordered');
    await number(page).fill(PAYS);
    await againButton(page).click();
    const { reference } = await seesReceipt(page, shop);
    const payments = await shop.payments();
    assert.deepEqual([...new Set(payments.map((payment) => payment.reference))], [reference]);
    assert.deepEqual(
      payments.map(({ state }) => state === 'paid'),
      [false, true],
    );
  });

  atTheShop('whoever has no money sees why, in English and in Swahili', async ({ shop, page }) => {
    await order(page, NO_MONEY);
    await news(page).getByText('Your M-Pesa balance is too low for this payment.').waitFor();
    await page.getByRole('button', { name: 'Kiswahili' }).click();
    await news(page).getByText('Salio lako la M-Pesa halitoshi kwa malipo haya.').waitFor();
    await page.getByRole('button', { name: 'Jaribu tena' }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'sw');
    await page.getByRole('button', { name: 'Agiza kitu kingine' }).click();
    await page.getByLabel('Ungependa nini?').waitFor();
    assert.equal(await shop.prompts(), 1);
  });

  atTheShop('a phone that did not answer may still pay, so the page waits', async ({ shop, page }) => {
    await order(page, NO_ANSWER);
    await news(page).getByText('This page tells you when you can try again.').waitFor();
    await news(page).getByText('the request was not answered').waitFor();
    assert.equal(await againButton(page).count(), 0);
    // What the shop says once the order is free.
    await page.route('**/orders/*', async (route) => {
      const answer = await route.fetch();
      const text = (await answer.text()).replace(/("order_?[fF]ree_?[aA]t":")\d{4}/, '$12020');
      await route.fulfill({ response: answer, body: text });
    });
    await againButton(page).waitFor();
    await page.unroute('**/orders/*');
    assert.equal(await shop.prompts(), 1);
  });

  atTheShop('an answer that is lost ends paid, and prompts once', async ({ shop, page }) => {
    await shop.inject('push', 'answer_lost');
    await order(page, WAITS);
    await news(page).getByText('We are still checking your payment. Please do not pay again for now.').waitFor();
    await news(page).getByText('If your phone asks for your M-Pesa PIN, enter it.').waitFor();
    assert.equal(await anyButton(page).count(), 0);
    // Ten minutes later.
    await page.evaluate(() => {
      const { since, ...order } = JSON.parse(localStorage.getItem('order'));
      localStorage.setItem('order', JSON.stringify({ ...order, since: since - 660_000 }));
    });
    await page.reload();
    await anotherButton(page).waitFor();
    assert.equal(await anyButton(page).count(), 1, 'something else may be ordered, the same may not');
    await shop.act('pay');
    await seesReceipt(page, shop);
    assert.equal(await shop.prompts(), 1);
  });

  atTheShop('two quick clicks prompt once', async ({ shop, page, posted }) => {
    await item(page).selectOption('coffee');
    await number(page).fill(WAITS);
    await payButton(page).dblclick();
    await pin(page).waitFor();
    // Without the page's help: the same form, sent twice more.
    await page.evaluate(() => {
      for (const _ of [1, 2]) document.querySelector('form').requestSubmit();
    });
    const [[path, body]] = posted;
    const third = await page.evaluate(
      async (sent) => {
        const headers = { 'Content-Type': 'application/json' };
        return (await fetch(sent.path, { method: 'POST', headers, body: sent.body })).status;
      },
      { path, body },
    );
    assert.equal(third, 202, 'a click that came through all the same');
    await shop.act('pay');
    await seesReceipt(page, shop);
    assert.equal(await shop.prompts(), 1);
    assert.equal(new Set(posted.map(([where]) => where)).size, 1, 'one order');
    assert.equal(posted.length, 2, 'the click, and the one by hand');
  });

  atTheShop('a page that is loaded again goes on, also in another tab', async ({ shop, page }) => {
    const earlier = await openPage(browser.context, shop.url);
    await order(page, WAITS);
    await pin(page).waitFor();
    await pin(earlier.page).waitFor();
    await earlier.page.close();
    await page.reload();
    await pin(page).waitFor();
    await page.getByRole('heading', { name: 'Coffee, KES 150' }).waitFor();
    assert.equal(await payButton(page).count(), 0);
    const beside = await openPage(browser.context, shop.url);
    await pin(beside.page).waitFor();
    await shop.act('pay');
    await seesReceipt(page, shop);
    await seesReceipt(beside.page, shop);
    assert.deepEqual(beside.complaints, []);
    await beside.page.close();
    assert.equal(await shop.prompts(), 1);
  });

  atTheShop(
    'a receipt that does not come takes nothing back, and keeps nobody from the next order',
    async ({ shop, page }) => {
      await page.clock.install();
      await page.reload();
      await order(page, PAYS_WITHOUT_RECEIPT);
      await paid(page).waitFor();
      await page.route('**/orders/*', (route) => route.abort());
      // The second look begins after the first has failed.
      for (const _ of [1, 2]) await page.waitForEvent('requestfailed');
      assert.ok(await paid(page).isVisible(), 'what is paid stays paid');
      await page.unroute('**/orders/*');
      await anotherButton(page).click();
      // Where the page still looks for the receipt, it does so now.
      await page.clock.runFor(5_000);
      await order(page, PAYS, 'samosa');
      await page.getByRole('heading', { name: 'Samosa, KES 50' }).waitFor();
      await seesReceipt(page, shop);
      assert.equal(await shop.prompts(), 2);
    },
    [/ERR_FAILED/],
  );

  atTheShop('a page that is loaded again before the shop answers goes on', async ({ shop, page }) => {
    // The phone is prompted, and the answer comes after ten seconds.
    await shop.inject('push', 'slow_after', { seconds: 100 });
    await order(page, WAITS);
    await until('the phone is prompted', async () => (await shop.prompts()) === 1);
    await news(page).getByText('One moment …').waitFor();
    await page.reload();
    await news(page).getByText('Please do not pay again').waitFor();
    await news(page)
      .getByText(/nter (it|your M-Pesa PIN)/)
      .waitFor();
    assert.equal(await payButton(page).count(), 0);
    await shop.act('pay');
    await seesReceipt(page, shop);
    assert.equal(await shop.prompts(), 1);
  });

  atTheShop(
    'a number that is wrong is said at its field, and prompts nobody',
    async ({ shop, page }) => {
      await order(page, '0712 345');
      const sentence = 'This phone number does not look right. Please check it and try again.';
      await page.getByText(sentence).waitFor();
      assert.ok(await isFocused(number(page)));
      assert.equal(await number(page).getAttribute('aria-invalid'), 'true');
      const described = await number(page).evaluate((field) =>
        field
          .getAttribute('aria-describedby')
          .split(' ')
          .map((id) => document.getElementById(id).textContent),
      );
      assert.ok(described.includes(sentence), 'a screen reader says it with the field');
      assert.equal(await shop.prompts(), 0);
      // Something else, with the right number: what was chosen last is what is paid.
      await order(page, PAYS, 'chapati');
      const { amount } = await seesReceipt(page, shop);
      assert.equal(amount, 30);
      assert.ok(!(await number(page).isVisible()));
      // The browser notes the status of that answer.
    },
    [/status of 400/],
  );

  atTheShop(
    'a push that is refused prompts nobody and can be tried again',
    async ({ shop, page }) => {
      await order(page, REFUSED);
      await news(page).getByText('Not paid', { exact: true }).waitFor();
      await news(page).getByText('Another M-Pesa request is open on your phone.').waitFor();
      assert.equal(await shop.prompts(), 0);
      await page.reload();
      await news(page).getByText('Your phone was not asked to pay. Please try again.').waitFor();
      await number(page).fill(PAYS);
      await againButton(page).click();
      await seesReceipt(page, shop);
      assert.equal(await shop.prompts(), 1);
    },
    [/status of 503/],
  );

  atTheShop(
    'a shop that is away for a while is waited for, and nobody is told to pay again',
    async ({ shop, page }) => {
      await order(page, WAITS);
      await pin(page).waitFor();
      await page.route('**/orders/*', (route) => route.abort());
      await news(page)
        .getByText('The shop cannot be reached. This page keeps trying. Please do not pay again.')
        .waitFor();
      assert.equal(await anyButton(page).count(), 0);
      // What the shop says while its ledger is away.
      for (const status of [409, 500, 503]) {
        const says = { customer_message_en: `We are still checking: ${status}` };
        await page.unroute('**/orders/*');
        await page.route('**/orders/*', (route) => route.fulfill({ status, json: says }));
        await news(page).getByText(says.customer_message_en).waitFor();
        assert.equal(await anyButton(page).count(), 0);
      }
      await page.unroute('**/orders/*');
      await shop.act('pay');
      await seesReceipt(page, shop);
      // The browser notes each request that failed.
    },
    [/ERR_FAILED/, /status of 409/, /status of 500/, /status of 503/],
  );

  atTheShop(
    'an order that did not reach the shop is sent again under its number',
    async ({ shop, page, posted }) => {
      await page.route('**/pay', (route) => route.abort());
      await order(page, PAYS);
      await news(page).getByText('Your order did not reach the shop. Please try again.').waitFor();
      assert.equal(await shop.prompts(), 0);
      await page.unroute('**/pay');
      await againButton(page).click();
      await seesReceipt(page, shop);
      assert.equal(await shop.prompts(), 1);
      assert.equal(new Set(posted.map(([path]) => path)).size, 1);
    },
    [/ERR_FAILED/, /status of 404/],
  );

  atTheShop('a look that is faster than the order waits for it', async ({ shop, page }) => {
    let release;
    const released = new Promise((done) => {
      release = done;
    });
    await page.route('**/pay', async (route) => {
      await released;
      await route.continue();
    });
    const earlier = await openPage(browser.context, shop.url);
    const missed = earlier.page.waitForResponse((answer) => answer.status() === 404);
    await order(page, WAITS);
    await missed;
    release();
    await pin(earlier.page).waitFor();
    await pin(page).waitFor();
    assert.equal(await shop.prompts(), 1);
    await earlier.page.close();
  });

  atTheShop(
    'hostile text is text and nothing else',
    async ({ shop, page }) => {
      const hostile = '<img src=x onerror=alert(1)>';
      await order(page, hostile);
      await page.getByText('This phone number does not look right.').waitFor();
      assert.equal(await number(page).inputValue(), hostile);
      await page.evaluate((text) => {
        localStorage.setItem('order', JSON.stringify({ number: text, item: text }));
      }, hostile);
      const says = { state: 'settled', outcome: 'success', receipt: hostile, customer_message_en: `${hostile} thanks` };
      await page.route('**/orders/*', (route) => route.fulfill({ json: says }));
      await page.reload();
      await page.getByText(`Order ${hostile}`).waitFor();
      await news(page).getByText(`${hostile} thanks`).waitFor();
      await news(page).getByText(`M-Pesa receipt: ${hostile}`).waitFor();
      assert.equal(await page.locator('img, main script').count(), 0);
      assert.equal(await shop.prompts(), 0);
    },
    [/status of 400/],
  );

  for (const colorScheme of ['light', 'dark']) {
    atTheShop(`the page can be used by everybody on a small screen: ${colorScheme}`, async ({ shop, page }) => {
      const everybody = async () => {
        assert.deepEqual(await violations(page), []);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= 360, `${width} pixels wide`);
      };
      const asked = [];
      page.on('request', (request) => asked.push(new URL(request.url()).origin));
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.reload();
      await everybody();
      await order(page, WAITS);
      await pin(page).waitFor();
      await everybody();
      await shop.act('cancel');
      await againButton(page).waitFor();
      await everybody();
      await number(page).fill(WAITS);
      await againButton(page).click();
      await pin(page).waitFor();
      await shop.act('pay');
      await seesReceipt(page, shop);
      await everybody();
      await page.getByRole('button', { name: 'Kiswahili' }).click();
      await page.getByText('Malipo yamepokelewa. Asante.').waitFor();
      await everybody();
      assert.deepEqual([...new Set(asked)], [shop.url], 'nothing comes from elsewhere');
    });
  }

  atTheShop('from nothing to a payment: the shop in one tab, the phone in another', async ({ shop, page }) => {
    const phone = await openPhone(browser.context, shop.sandbox);
    await order(page, PAYS);
    const prompt = phone.page.getByRole('alertdialog', { name: 'M-PESA' });
    await prompt.getByText(/Do you want to pay KES 150 to business 174379 account [A-Z0-9]+\?/).waitFor();
    await pin(page).waitFor();
    await phone.page.bringToFront();
    await phone.page.getByLabel('Enter M-PESA PIN').fill('1234');
    await prompt.getByRole('button', { name: 'Send', exact: true }).click();
    const { receipt } = await seesReceipt(page, shop);
    await phone.page.getByRole('log', { name: 'Messages' }).getByText(`${receipt} Confirmed.`).waitFor();
    assert.equal(await shop.prompts(), 1);
    assert.deepEqual(phone.complaints, []);
    await phone.page.close();
  });
}

const pictures = process.env.LIPIA_PICTURES;
if (pictures)
  test('the picture of the documents', LIMIT, async () => {
    const shop = await startShop(SHOPS[0]);
    const { page } = await openPage(browser.context, shop.url);
    try {
      await page.setViewportSize({ width: 360, height: 370 });
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      const shots = [];
      const shoot = async () => shots.push((await page.screenshot()).toString('base64'));
      await order(page, WAITS);
      await pin(page).waitFor();
      await shoot();
      await shop.act('pay');
      await seesReceipt(page, shop);
      await shoot();
      const images = shots.map((shot) => `<img src="data:image/png;base64,${shot}">`).join('');
      await page.setViewportSize({ width: 720, height: 370 });
      await page.goto('about:blank');
      await page.setContent(`<body style="margin: 0; display: flex">${images}`);
      await page.screenshot({ path: `${pictures}/shop-page.png` });
    } finally {
      await page.close();
      await shop.stop();
    }
  });
