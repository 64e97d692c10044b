/**
 * What an installation must be able to do: `node installed.cjs [VERSION]`, in the folder that Lipia was installed into, on
 * whatever machine that is. It needs nothing but Node. A payment is made from the prompt to the money, against the sandbox
 * that the package brings along. Ends with 0 and one line where all of it holds.
 */

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { createRequire } = require('node:module');
const path = require('node:path');

const folder = process.cwd();
const requireHere = createRequire(path.join(folder, 'program.js'));
const SALE = { phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' };

function checkVersion(version) {
  const file = requireHere.resolve('lipia/package.json');
  assert.ok(file.startsWith(path.join(folder, 'node_modules')), `${file} is used, not what was installed`);
  const installed = requireHere('lipia/package.json').version;
  assert.equal(installed, version ?? installed);
  return installed;
}

async function checkPayment() {
  const required = requireHere('lipia');
  const imported = await import(
    requireHere
      .resolve('lipia')
      .replace(/index\.js$/, 'index.mjs')
      .replace(/^([A-Z]:)/, 'file:///$1')
  );
  assert.equal(imported.Daraja, required.Daraja, 'import and require differ');
  for (const entry of ['express', 'fastify', 'fetch', 'node', 'opentelemetry']) requireHere(`lipia/${entry}`);
  const { startSandbox } = requireHere('lipia/sandbox');
  const sandbox = await startSandbox();
  const payment = await sandbox.daraja().collect(SALE);
  assert.ok(payment.isPaid, payment.outcome);
  assert.equal(sandbox.prompts, 1);
  await sandbox.stop();
}

function checkCommand(version) {
  const onWindows = process.platform === 'win32';
  const script = path.join(folder, 'node_modules', '.bin', onWindows ? 'lipia.cmd' : 'lipia');
  const run = (...args) =>
    execFileSync(onWindows ? `"${script}"` : script, args, { encoding: 'utf8', shell: onWindows, timeout: 60_000 });
  assert.equal(run('--version'), `lipia ${version}\n`);
  assert.equal(JSON.parse(run('phone', '0712345678')).normalised, '254712345678');
}

async function main(version) {
  const installed = checkVersion(version);
  await checkPayment();
  checkCommand(installed);
  console.log(`lipia ${installed}: Node ${process.versions.node}, ${process.platform}-${process.arch}: paid`);
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
