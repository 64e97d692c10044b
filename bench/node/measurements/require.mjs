// What `require('lipia')` takes, in a fresh process each time.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ENVIRONMENT } from '../processes.mjs';
import { median } from '../rounds.mjs';

const run = promisify(execFile);

// The clock of the process itself: what starting Node takes is not in it.
const REQUIRE = `
const before = [process.hrtime.bigint(), process.cpuUsage()];
require(process.argv[1]);
const { user, system } = process.cpuUsage(before[1]);
console.log(JSON.stringify([Number(process.hrtime.bigint() - before[0]) / 1e6, (user + system) / 1e3]));`;

async function once(...args) {
  const began = process.hrtime.bigint();
  const { stdout } = await run(process.execPath, args, { env: ENVIRONMENT, timeout: 30_000 });
  return { whole: Number(process.hrtime.bigint() - began) / 1e6, stdout };
}

export async function measure({ starts }) {
  const path = process.env.LIPIA_NODE_PACKAGE;
  const [inside, cpu, overEmpty] = [[], [], []];
  await once('-e', REQUIRE, path);
  for (let start = 0; start < starts; start += 1) {
    const empty = await once('-e', '');
    const full = await once('-e', 'require(process.argv[1])', path);
    overEmpty.push(full.whole - empty.whole);
    const [wall, used] = JSON.parse((await once('-e', REQUIRE, path)).stdout);
    inside.push(wall);
    cpu.push(used);
  }
  const range = (numbers) => `${Math.min(...numbers).toFixed(1)} to ${Math.max(...numbers).toFixed(1)} in ${starts} processes`;
  const row = (subject, numbers, asked) => ({
    subject,
    figure: `${median(numbers).toFixed(1)} ms`,
    detail: range(numbers),
    ...(asked === undefined ? {} : { asked: `at most ${asked} ms`, isMet: median(numbers) <= asked }),
    numbers: { middle: median(numbers), all: numbers },
  });
  return {
    title: "require('lipia') in a fresh process",
    rows: [
      row('by the clock, the call alone', inside, 8),
      row('CPU, the call alone', cpu),
      row('by the clock, beyond an empty program', overEmpty),
    ],
  };
}
