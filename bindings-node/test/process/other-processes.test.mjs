// Processes that a server has beside its own, and ways to start Node that change what a program may do.
import { after, before, describe, test } from 'node:test';
import { startSandbox } from 'lipia/sandbox';
import { assertEnded, run } from './child.mjs';

let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

test('two workers of a cluster push, and one that is killed takes nobody with it', async () => {
  const program = `
    import cluster from 'node:cluster';
    import { once } from 'node:events';
    if (cluster.isPrimary) {
      const workers = [cluster.fork({ PLACE: '1' }), cluster.fork({ PLACE: '2' })];
      const told = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
      workers[0].process.kill('SIGKILL');
      const [, signal] = await once(workers[0], 'exit');
      workers[1].send('again');
      const [again] = await once(workers[1], 'message');
      await daraja.stkPush(sale());
      say([...told, signal, again].join());
      workers[1].disconnect();
    } else {
      const push = () => daraja.stkPush({ ...sale(), phoneNumber: process.env.PHONES + '500' + process.env.PLACE })
        .then(() => process.send('pushed'), (error) => process.send(error.code));
      process.on('message', () => daraja.stkQuery('ws_CO_1').then((status) => process.send('asked'), (error) => process.send('asked')));
      push();
    }`;
  // A worker of a cluster runs its parent's program, which for text on the command line Node does not pass on.
  assertEnded(await run(program, { sandbox, asFile: true }), { stdout: 'pushed,pushed,SIGKILL,asked' });
});

test('a process that was forked has a runtime of its own', async () => {
  const program = `
    import { fork } from 'node:child_process';
    import { fileURLToPath } from 'node:url';
    import { once } from 'node:events';
    if (process.send === undefined) {
      await daraja.stkPush(sale());
      const child = fork(fileURLToPath(import.meta.url));
      const [[message], [code]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
      say(message + code);
    } else {
      const taken = await daraja.stkPush(sale('6001'));
      process.send(taken.gateway);
      process.disconnect();
    }`;
  assertEnded(await run(program, { sandbox, asFile: true }), { stdout: 'daraja0' });
});

const PUSHES = `
  const payment = await daraja.collect(sale());
  const told = await daraja.stkPush({ ...sale(), phoneNumber: '12' }).catch((error) => error);
  say([payment.outcome, told instanceof lipia.LipiaError, told.field, lipia.parseAmount('150.00')].join());`;
const PUSHED = 'success,true,phoneNumber,150';

describe('started with', () => {
  const flags = {
    '--frozen-intrinsics': ['--frozen-intrinsics', '--no-warnings'],
    '--disallow-code-generation-from-strings': ['--disallow-code-generation-from-strings'],
    '--jitless': ['--jitless', '--no-warnings'],
    '--disable-proto=throw': ['--disable-proto=throw'],
    '--enable-source-maps': ['--enable-source-maps'],
    '--unhandled-rejections=strict': ['--unhandled-rejections=strict'],
    '--trace-uncaught --throw-deprecation': ['--trace-uncaught', '--throw-deprecation'],
    '--max-old-space-size=32': ['--max-old-space-size=32'],
  };
  for (const [what, given] of Object.entries(flags)) {
    test(what, async () => assertEnded(await run(PUSHES, { sandbox, flags: given }), { stdout: PUSHED }));
  }
});

test('used from another context', async () => {
  const program = `
    import vm from 'node:vm';
    const context = vm.createContext({ lipia, daraja, console, sale });
    const script = new vm.Script(\`(async () => {
      const payment = await daraja.collect(sale());
      // An object, an array and an error of this context's, whose classes are others than the package's.
      const refused = await daraja.stkPushSafe({ phoneNumber: '12', amount: 1, accountReference: 'A' });
      const event = lipia.parseCallback({ Body: { stkCallback: { MerchantRequestID: 'm', CheckoutRequestID: 'c', ResultCode: 1032, ResultDesc: 'no' } } });
      const bytes = lipia.parseCallback(new Uint8Array(Array.from('{"Body":{"stkCallback":{"MerchantRequestID":"m","CheckoutRequestID":"c","ResultCode":1032,"ResultDesc":"no"}}}', (c) => c.charCodeAt(0))));
      const guarded = new lipia.Daraja({ consumerKey: 'a', consumerSecret: 'b', shortCode: 174379, passKey: 'c', callbackUrl: 'http://127.0.0.1:9/pay', sourceAddresses: ['196.201.214.200'] });
      return [payment.outcome, refused.error instanceof lipia.LipiaError, event.outcome, bytes.outcome, guarded.gateway].join();
    })()\`);
    say(await script.runInContext(context));`;
  assertEnded(await run(program, { sandbox }), { stdout: 'success,true,cancelled,cancelled,daraja' });
});

test('loaded again in one process, as test runners do', async () => {
  const program = `
    import { createRequire } from 'node:module';
    const require = createRequire(process.cwd() + '/x.cjs');
    const classes = new Set();
    for (let i = 0; i < 20; i += 1) {
      for (const file of Object.keys(require.cache)) delete require.cache[file];
      const again = require('lipia');
      classes.add(again.LipiaError);
      const client = again.Daraja.fromEnv({ wait: JSON.parse(process.env.SANDBOX_WAIT) });
      await client.stkPush(sale());
      if (!(await client.stkPush({ ...sale(), amount: -1 }).catch((error) => error) instanceof again.LipiaError)) say('another class');
    }
    say(String(classes.size));`;
  assertEnded(await run(program, { sandbox }), { stdout: '20' });
});
