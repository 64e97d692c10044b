/**
 * What `require('lipia')` costs: `node measure-start.cjs [FOLDER]`, of what stands in this tree or is installed in a folder.
 * The median of processes that load it, less that of processes that load nothing.
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
const within = median(
  Array.from({ length: PROCESSES }, () => {
    const program = "const t = performance.now(); require('lipia'); console.log(performance.now() - t)";
    return Number(spawnSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8' }).stdout);
  }),
);
console.log(`an empty process ${empty.toFixed(1)} ms, with lipia ${(median(times.lipia) - empty).toFixed(1)} ms more`);
console.log(`require('lipia') by its own clock ${within.toFixed(1)} ms`);
