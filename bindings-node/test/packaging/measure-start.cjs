/**
 * What `require('lipia')` costs: `node measure-start.cjs [FOLDER]`, of what stands in this tree or is installed in a folder.
 * The medians of processes that load it, and of such that load nothing; processor time is what a busy machine does not
 * falsify.
 */

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const PROCESSES = 20;
const folder = process.argv[2] ?? path.join(__dirname, '..', '..');

/** How long a process takes, in milliseconds. */
function taken(program) {
  const before = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(process.hrtime.bigint() - before) / 1e6;
}

const median = (times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];

// One for the other, so that whatever else runs on the machine falls upon both.
const times = { empty: [], lipia: [] };
for (let round = 0; round < PROCESSES; round += 1) {
  times.empty.push(taken(''));
  times.lipia.push(taken("require('lipia')"));
}
const empty = median(times.empty);
const clocks = Array.from({ length: PROCESSES }, () => {
  const program = `const before = process.cpuUsage(); const began = performance.now(); require('lipia');
    const { user, system } = process.cpuUsage(before); console.log(performance.now() - began, (user + system) / 1000)`;
  return spawnSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8' }).stdout.split(' ').map(Number);
});
const [passed, busy] = [0, 1].map((which) => median(clocks.map((clock) => clock[which])).toFixed(1));
console.log(`an empty process ${empty.toFixed(1)} ms, with lipia ${(median(times.lipia) - empty).toFixed(1)} ms more`);
console.log(`require('lipia') by its own clock ${passed} ms, of the processor ${busy} ms`);
