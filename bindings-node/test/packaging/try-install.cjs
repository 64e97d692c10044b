/**
 * Installs Lipia as a user does and tries it: `node try-install.cjs FOLDER`. Takes, from a folder of packages, `lipia` and
 * the one that is for this machine, installs them into an empty folder with no registry to ask, and runs `installed.cjs`.
 */

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** npm, which on Windows is a script that nothing but a shell runs, with no settings of whoever calls. */
function npm(folder, ...args) {
  const onWindows = process.platform === 'win32';
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  execFileSync('npm', onWindows ? args.map((word) => JSON.stringify(word)) : args, {
    cwd: folder,
    env: { ...environment, npm_config_userconfig: path.join(folder, 'no-npmrc') },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    shell: onWindows,
    timeout: 180_000,
  });
}

/** Which C library this Node runs on. */
function abi() {
  if (process.platform === 'win32') return '-msvc';
  if (process.platform !== 'linux') return '';
  return process.report.getReport().header.glibcVersionRuntime === undefined ? '-musl' : '-gnu';
}

/** Installs into an empty folder, from the packages alone: what is for other platforms is left out, as npm does. */
function install(packages, folder, more = []) {
  const ours = `lipia-${process.platform}-${process.arch}${abi()}-`;
  const wanted = fs.readdirSync(packages).filter((name) => /^lipia-\d/.test(name) || name.startsWith(ours));
  if (wanted.length !== 2) throw new Error(`Of ${packages} these are for this machine, not two: ${wanted.join(' ')}`);
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "name": "shop", "private": true }\n');
  const archives = wanted.map((name) => path.resolve(packages, name));
  npm(folder, 'install', '--offline', '--no-audit', '--no-fund', '--loglevel=error', ...archives, ...more);
}

function main(packages) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'lipia-installed-')));
  try {
    install(packages, folder);
    const checks = path.join(__dirname, 'installed.cjs');
    execFileSync(process.execPath, [checks], { cwd: folder, stdio: 'inherit', timeout: 180_000 });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

module.exports = { install, npm };
if (require.main === module) main(process.argv[2] ?? '.');
