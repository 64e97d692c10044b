// A browser, a sandbox and pushes: each a real program, each with an end.

import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const LIPIA = process.env.LIPIA_PROGRAM;
const CHROMIUM = process.env.LIPIA_CHROMIUM;

// Nothing of this machine's settings reaches the programs.
export const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(MPESA|LIPIA|PALPLUSS|UPESIPAY|PAYHERO)_/.test(name)),
);

/** A browser with an empty profile, which goes nowhere by itself. */
export async function startBrowser() {
  const profile = await mkdtemp(join(tmpdir(), 'lipia-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    // Without a sandbox of its own, as root can have none. It opens pages of this machine alone.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
    viewport: { width: 1060, height: 800 },
  });
  context.setDefaultTimeout(60_000);
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** The command `lipia sandbox`, until it is stopped. */
export async function startSandbox(...more) {
  const program = spawn(LIPIA, ['sandbox', '--json', ...more], { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] });
  program.stderr.resume();
  const ended = new Promise((end) => program.once('exit', end));
  const lines = createInterface({ input: program.stdout });
  const first = await new Promise((read, fail) => {
    lines.once('line', read);
    program.once('exit', () => fail(new Error('the sandbox ended before it said where it is')));
  });
  return {
    ...JSON.parse(first),
    async stop() {
      program.kill('SIGTERM');
      await ended;
    },
  };
}

/** The command `lipia push --wait`, and in the end the last line that it prints. */
export function push(sandbox, phone, reference, ...more) {
  const args = [
    'push',
    '--phone',
    phone,
    '--amount',
    '150',
    '--reference',
    reference,
    '--wait',
    '--json',
    '--base-url',
    sandbox.base_url,
    ...more,
  ];
  return new Promise((end) => {
    execFile(LIPIA, args, { env: ENVIRONMENT, timeout: 150_000 }, (_, stdout) => {
      const lines = stdout.trim().split('\n');
      end(JSON.parse(lines.at(-1)));
    });
  });
}

/** A push as a shop could write it by hand, with texts that no client of ours would send. */
export async function rawPush(sandbox, phone, reference, description) {
  const basic = Buffer.from('sandbox-key:sandbox-secret').toString('base64');
  const oauth = await fetch(`${sandbox.base_url}/oauth/v1/generate?grant_type=client_credentials`, {
    headers: { Authorization: `Basic ${basic}` },
  });
  const { access_token: token } = await oauth.json();
  const timestamp = '20261121101112';
  const passKey = 'bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919';
  const answer = await fetch(`${sandbox.base_url}/mpesa/stkpush/v1/processrequest`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      BusinessShortCode: 174379,
      Password: Buffer.from(`174379${passKey}${timestamp}`).toString('base64'),
      Timestamp: timestamp,
      TransactionType: 'CustomerPayBillOnline',
      Amount: '1',
      PartyA: phone,
      PartyB: 174379,
      PhoneNumber: phone,
      CallBackURL: 'http://127.0.0.1:9/pay',
      AccountReference: reference,
      TransactionDesc: description,
    }),
  });
  return answer.status;
}

/** Opens a page, and notes what a browser complains about and what the page posts. */
export async function openPage(context, url) {
  const page = await context.newPage();
  const complaints = [];
  const posted = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => complaints.push(`a dialog: ${dialog.message()}`));
  page.on(
    'request',
    (request) => request.method() === 'POST' && posted.push([new URL(request.url()).pathname, request.postData()]),
  );
  await page.goto(url);
  return { page, complaints, posted };
}

/** Opens the phone's page. */
export async function openPhone(context, sandbox) {
  const opened = await openPage(context, sandbox.phone_url);
  await opened.page.getByText('Live', { exact: true }).waitFor();
  return opened;
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What of a page some people cannot use, by axe-core. */
export async function violations(page) {
  // By the debugger: the page's own policy lets no other script in.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}
