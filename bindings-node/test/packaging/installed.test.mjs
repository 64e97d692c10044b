/** Lipia installed as a user installs it, and what it says where that went wrong. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { manifest, PLATFORMS } from '../../scripts/platforms.mjs';
import { installed, scratchFolder } from './packages.mjs';

const shop = installed();
const addons = readdirSync(path.join(shop, 'node_modules')).filter((name) => name.startsWith('lipia-'));
const platform = PLATFORMS.find((one) => one.package === addons[0]);

function node(folder, ...args) {
  const done = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  return { ...done, told: done.stdout + done.stderr };
}

test('one addon is installed, and a payment goes through', () => {
  assert.equal(addons.length, 1);
  const done = node(shop, fileURLToPath(new URL('installed.cjs', import.meta.url)), manifest.version);
  assert.equal(done.status, 0, done.told);
  assert.match(done.stdout, /: paid\n$/);
});

test('npx runs the command', () => {
  const onWindows = process.platform === 'win32';
  const npx = (...args) =>
    spawnSync('npx', ['--offline', 'lipia', ...args], {
      cwd: shop,
      encoding: 'utf8',
      shell: onWindows,
      timeout: 60_000,
    });
  assert.equal(npx('--version').stdout, `lipia ${manifest.version}\n`);
  const refused = npx('push', '--phone', '0712345678', '--amount', '0.4', '--reference', 'INV-1', '--json');
  assert.equal(refused.status, 2, refused.stderr);
  assert.equal(JSON.parse(refused.stdout).error.disposition, 'not_sent');
});

test('import and require are of one package, also in a thread of its own', () => {
  writeFileSync(
    path.join(shop, 'both.mjs'),
    `import { createRequire } from 'node:module';
import { isMainThread, Worker } from 'node:worker_threads';
import * as imported from 'lipia';
const required = createRequire(import.meta.url)('lipia');
for (const name of Object.keys(required)) if (imported[name] !== required[name]) throw new Error(name);
if (imported.parsePhoneNumber('0712345678').number !== '254712345678') throw new Error('no number');
if (isMainThread) new Worker(new URL(import.meta.url)).on('exit', (code) => console.log('thread', code));
`,
  );
  const done = node(shop, 'both.mjs');
  assert.deepEqual([done.status, done.stdout], [0, 'thread 0\n'], done.told);
});

test('what only this package has inside is not reached', () => {
  const done = node(shop, '-e', "require('lipia/dist/lipia.js')");
  assert.match(done.stderr, /ERR_PACKAGE_PATH_NOT_EXPORTED/);
});

describe('where the addon cannot be loaded', () => {
  /** A copy of what is installed, with something amiss. */
  function broken(change) {
    const folder = path.join(scratchFolder(), 'shop');
    cpSync(shop, folder, { recursive: true, verbatimSymlinks: true });
    change?.(path.join(folder, 'node_modules', platform.package));
    return folder;
  }

  const required = (folder, before = '') =>
    node(
      folder,
      '-e',
      `${before}; try { require('lipia') } catch (error) { console.log(error.code); console.log(error.message); console.log(error.cause?.code) }`,
    );

  test('an addon that was left out is told, with what to do', () => {
    const folder = broken((addon) => rmSync(addon, { recursive: true }));
    const { stdout } = required(folder);
    assert.match(stdout, /^LIPIA_ADDON_NOT_FOUND\n/);
    assert.match(stdout, new RegExp(`- ${platform.package} is not installed\\.`));
    for (const advice of [/--omit=optional/, /lock file/, /serverExternalPackages/]) assert.match(stdout, advice);
    const command = node(folder, path.join('node_modules', 'lipia', 'dist', 'cli.js'), '--version');
    assert.equal(command.status, 1);
    assert.match(command.stderr, /is not installed/);
    assert.doesNotMatch(command.stderr, /\bat \w+ \(/);
  });

  test('what the system says of an addon that it does not load is passed on', () => {
    const folder = broken((addon) => writeFileSync(path.join(addon, platform.file), 'no library'));
    const { stdout } = required(folder);
    assert.match(
      stdout,
      new RegExp(`- ${platform.package} cannot be loaded: .*${platform.file.replaceAll('.', '\\.')}`),
    );
    assert.match(stdout, /ERR_DLOPEN_FAILED\n$/);
    assert.match(stdout, /glibc 2\.17/);
  });

  test('an addon of another version is told, and not used', () => {
    const folder = broken((addon) => {
      const main = path.join(addon, '..', 'lipia', 'dist', 'lipia.js');
      writeFileSync(main, readFileSync(main, 'utf8').replaceAll(manifest.version, '99.0.0'));
    });
    const { stdout } = required(folder);
    assert.match(stdout, new RegExp(`${platform.package} is ${manifest.version}, and lipia itself is 99\\.0\\.0`));
    assert.match(stdout, /Delete node_modules/);
  });

  test('an addon that is none is told', () => {
    const folder = broken((addon) => {
      writeFileSync(path.join(addon, 'empty.js'), '');
      const json = path.join(addon, 'package.json');
      writeFileSync(json, readFileSync(json, 'utf8').replace(`"main": "${platform.file}"`, '"main": "empty.js"'));
    });
    assert.match(required(folder).stdout, /is of no version/);
  });

  test('a platform without an addon is told, with those that have one', () => {
    for (const [system, processor] of [
      ['freebsd', 'x64'],
      ['linux', 'ia32'],
      ['android', 'arm64'],
      ['constructor', 'x64'],
    ]) {
      const other = `Object.defineProperty(process, 'platform', { value: '${system}' }); Object.defineProperty(process, 'arch', { value: '${processor}' })`;
      const { stdout } = required(shop, other);
      assert.match(stdout, new RegExp(`no native addon for this machine \\(${system}-${processor}`));
      assert.match(stdout, /Linux \(glibc 2\.17 or musl 1\.2\), macOS 11 and Windows 10/);
    }
  });

  test('the C library is the one that Node itself is loaded with', { skip: process.platform !== 'linux' }, () => {
    const elf = (interpreter) => {
      const file = Buffer.alloc(512);
      file.write('\x7fELF\x02\x01', 'latin1');
      file.writeBigUInt64LE(64n, 32);
      file.writeUInt16LE(56, 54);
      file.writeUInt16LE(1, 56);
      file.writeUInt32LE(interpreter === null ? 1 : 3, 64);
      file.writeBigUInt64LE(256n, 72);
      file.writeBigUInt64LE(BigInt((interpreter ?? '').length), 96);
      file.write(interpreter ?? '', 256, 'latin1');
      return file;
    };
    const cut = elf('/lib/ld-musl-x86_64.so.1').subarray(0, 70);
    const start = `lipia-linux-${process.arch}`;
    for (const [executable, tried] of [
      [elf('/lib/ld-musl-x86_64.so.1'), [`${start}-musl`]],
      [elf('/lib64/ld-linux-x86-64.so.2'), [`${start}-gnu`]],
      [elf(null), [`${start}-gnu`, `${start}-musl`]],
      [cut, [`${start}-gnu`, `${start}-musl`]],
      [Buffer.from('#!/bin/sh\n'), [`${start}-gnu`, `${start}-musl`]],
      [Buffer.alloc(0), [`${start}-gnu`, `${start}-musl`]],
      [null, [`${start}-gnu`, `${start}-musl`]],
    ]) {
      const folder = broken((addon) => rmSync(addon, { recursive: true }));
      const file = path.join(folder, 'node');
      if (executable !== null) writeFileSync(file, executable);
      const { stdout } = required(folder, `process.execPath = ${JSON.stringify(file)}`);
      assert.deepEqual(
        [...stdout.matchAll(/^- (lipia-\S+) is not/gm)].map(([, name]) => name),
        tried,
        stdout,
      );
    }
  });

  test('an addon beside package.json comes first, as in a checkout', () => {
    const folder = broken((addon) => {
      cpSync(path.join(addon, platform.file), path.join(addon, '..', 'lipia', platform.file));
      rmSync(addon, { recursive: true });
    });
    assert.ok(existsSync(path.join(folder, 'node_modules', 'lipia', platform.file)));
    assert.equal(node(folder, '-p', "require('lipia').parsePhoneNumber('0712345678').number").stdout, '254712345678\n');
  });
});
