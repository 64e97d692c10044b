// The other processes of a run: the gateway, and a worker for each peer. Each ends with what started it.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));

/** Our variables without a proxy: what is measured goes to this machine. */
export const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name) && name !== 'NODE_OPTIONS'),
);

/** A process that measures one peer. */
export class Worker {
  #process;
  #said = '';

  constructor(peer) {
    this.peer = peer;
    this.#process = fork(WORKER, [peer], {
      execArgv: ['--expose-gc'],
      env: ENVIRONMENT,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process.stderr.on('data', (text) => {
      this.#said = (this.#said + text).slice(-2000);
    });
  }

  /** Has a command done; one that takes longer than `longest` milliseconds hangs, and is ended. */
  ask(command, args = {}, longest = 60_000) {
    const worker = this.#process;
    return new Promise((resolve, reject) => {
      const settle = (settled, value) => {
        clearTimeout(timer);
        worker.off('message', answered).off('exit', ended);
        settled(value);
      };
      const answered = (answer) =>
        answer.failed === undefined ? settle(resolve, answer) : settle(reject, new Error(answer.failed));
      const ended = () => {
        const lastWords = this.#said.trim().split('\n').at(-1) || 'without a word';
        settle(reject, new Error(`its process ended: ${lastWords}`));
      };
      const timer = setTimeout(() => settle(reject, new Error(`no answer within ${longest / 1000} s`)), longest);
      worker.once('message', answered).once('exit', ended);
      if (worker.exitCode === null && worker.signalCode === null) worker.send({ command, args }, () => {});
      else ended();
    });
  }

  end() {
    this.#process.kill('SIGKILL');
  }
}

/** The server of `bench/`, which accepts every push at once. */
export class Gateway {
  #process;

  static async start(program) {
    const gateway = new Gateway();
    gateway.#process = spawn(program, ['serve'], { env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'inherit'] });
    const failed = new Promise((_, reject) => {
      gateway.#process.once('error', reject);
      gateway.#process.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)));
    });
    failed.catch(() => {});
    const lines = createInterface(gateway.#process.stdout);
    const [port] = await Promise.race([once(lines, 'line'), failed]);
    gateway.baseUrl = `http://127.0.0.1:${port}`;
    return gateway;
  }

  /** How many tokens it has handed out. */
  async tokens() {
    return Number(await (await fetch(`${this.baseUrl}/tokens`)).text());
  }

  /** Closes its standard input, at which it ends. */
  async end() {
    const ended = once(this.#process, 'exit');
    this.#process.stdin.end();
    await ended;
  }
}
