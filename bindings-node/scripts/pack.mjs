// Packs what is published: `node scripts/pack.mjs --out FOLDER [--addons FOLDER] [--all]`. The package lipia and, of every
// addon in a folder (default: beside package.json), the package for its platform. With --all every platform has to be there.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { mainManifest, PLATFORMS, platformManifest, platformReadme, root } from './platforms.mjs';

const repository = path.dirname(root);

/** Lays out one package and packs it. */
function pack(out, json, files) {
  const stage = mkdtempSync(path.join(os.tmpdir(), 'lipia-pack-'));
  try {
    writeFileSync(path.join(stage, 'package.json'), `${JSON.stringify(json, null, 2)}\n`);
    for (const [name, from] of Object.entries(files)) {
      if (typeof from === 'string') cpSync(from, path.join(stage, name), { recursive: true });
      else writeFileSync(path.join(stage, name), from.text);
    }
    const onWindows = process.platform === 'win32';
    const folder = onWindows ? JSON.stringify(path.resolve(out)) : path.resolve(out);
    const command = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
    // There npm is a script, which nothing but a shell runs.
    execFileSync('npm', command, { cwd: stage, stdio: ['ignore', 'ignore', 'inherit'], shell: onWindows });
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  console.log(`${json.name}-${json.version}.tgz`);
}

function complain(text) {
  console.error(text);
  process.exit(1);
}

const { values } = parseArgs({
  options: { out: { type: 'string' }, addons: { type: 'string', default: root }, all: { type: 'boolean' } },
});
if (values.out === undefined) complain('Name the folder that takes the packages: --out FOLDER.');
for (const [file, maker] of [
  ['dist/index.js', 'node scripts/build.mjs'],
  ['README.md', 'git checkout'],
]) {
  if (!existsSync(path.join(root, file))) complain(`bindings-node/${file} is not there: ${maker} makes it.`);
}
mkdirSync(values.out, { recursive: true });
const licenses = Object.fromEntries(
  ['LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT'].map((name) => [name, path.join(repository, name)]),
);
pack(values.out, mainManifest(), {
  dist: path.join(root, 'dist'),
  'README.md': path.join(root, 'README.md'),
  ...licenses,
});
const thirdParty = path.join(values.addons, 'LICENSE-THIRD-PARTY');
for (const platform of PLATFORMS) {
  const addon = path.join(values.addons, platform.file);
  if (!existsSync(addon)) {
    if (values.all) complain(`${platform.file} is not in ${values.addons}: .ci/node-addon --target ${platform.target}`);
    continue;
  }
  if (!existsSync(thirdParty)) complain(`LICENSE-THIRD-PARTY is not beside ${platform.file}: .ci/node-addon makes it.`);
  pack(values.out, platformManifest(platform), {
    [platform.file]: addon,
    'LICENSE-THIRD-PARTY': thirdParty,
    'README.md': { text: platformReadme(platform) },
    ...licenses,
  });
}
