/** What the packages hold, and that a fault in one is told. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { manifest, PLATFORMS } from '../../scripts/platforms.mjs';
import { core, PACKAGE, REPOSITORY } from '../support/repository.mjs';
import {
  expectedOfRelease,
  faultsOf,
  faultsOfRelease,
  LARGEST_ADDON,
  LARGEST_PACKAGE,
  machineOf,
  machinePaths,
  unpacked,
} from './contents.mjs';
import { PACKAGES, scratchFolder } from './packages.mjs';

const MAIN = `lipia-${manifest.version}.tgz`;
const ADDON = readdirSync(PACKAGES).find((name) => name !== MAIN);
const { file } = PLATFORMS.find((platform) => ADDON === `${platform.package}-${manifest.version}.tgz`);

test('the packages have no fault', () => {
  assert.deepEqual(readdirSync(PACKAGES).sort(), [MAIN, ADDON].sort());
  for (const name of [MAIN, ADDON]) assert.deepEqual(faultsOf(path.join(PACKAGES, name)), [], name);
});

test('their licences are those of this tree', () => {
  for (const name of [MAIN, ADDON]) {
    const files = unpacked(path.join(PACKAGES, name));
    for (const license of ['LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT']) {
      assert.equal(files.get(license).toString(), readFileSync(path.join(REPOSITORY, license), 'utf8'), license);
    }
  }
  const readme = unpacked(path.join(PACKAGES, MAIN)).get('README.md').toString();
  assert.equal(readme, readFileSync(path.join(PACKAGE, 'README.md'), 'utf8'));
});

describe('a fault is told', () => {
  /** A package whose files were changed after it was made. */
  function changed(name, change) {
    const folder = scratchFolder();
    execFileSync('tar', ['xzf', path.join(PACKAGES, name), '-C', folder]);
    change(path.join(folder, 'package'));
    execFileSync('tar', ['czf', path.join(folder, name), '-C', folder, 'package']);
    return faultsOf(path.join(folder, name));
  }

  for (const [name, where, change, told] of [
    ['a missing licence', MAIN, (at) => rmSync(path.join(at, 'LICENSE-MIT')), /^It lacks LICENSE-MIT/],
    ['a missing entry', MAIN, (at) => rmSync(path.join(at, 'dist/express.d.mts')), /^It lacks .*express\.d\.mts/],
    [
      'a source',
      MAIN,
      (at) => writeFileSync(path.join(at, 'dist/client.ts'), ''),
      /none of the package: dist\/client\.ts/,
    ],
    [
      'a map of something else',
      MAIN,
      (at) => writeFileSync(path.join(at, 'dist/cli.js.map'), ''),
      /none of the package/,
    ],
    [
      'a missing source map',
      MAIN,
      (at) => rmSync(path.join(at, 'dist/lipia.js.map')),
      /^It lacks dist\/lipia\.js\.map/,
    ],
    ['a test', MAIN, (at) => cpSync(path.join(at, 'README.md'), path.join(at, 'test/a.mjs')), /test\/a/],
    ['other words of itself', MAIN, (at) => appendPackage(at, '"scripts": { "install": "node x.js" }'), /not the one/],
    [
      'a strange host',
      MAIN,
      (at) => appendFileSync(path.join(at, 'dist/lipia.js'), '// https://cdn.evil.net/x'),
      /cdn\.evil/,
    ],
    [
      'a path',
      MAIN,
      (at) => appendFileSync(path.join(at, 'dist/lipia.js'), '// /home/somebody/pay.ts'),
      /\/home\/somebody/,
    ],
    [
      'a path in the addon',
      ADDON,
      (at) => appendFileSync(path.join(at, file), '\0/Users/one/lib.rs\0'),
      /\/Users\/one/,
    ],
    ['this folder', ADDON, (at) => appendFileSync(path.join(at, file), `\0${PACKAGE}\0`), /tells where it was made/],
    ['no third licences', ADDON, (at) => writeFileSync(path.join(at, 'LICENSE-THIRD-PARTY'), ''), /holds no licences/],
    [
      'an addon of another',
      ADDON,
      (at) => writeFileSync(path.join(at, file), 'MZ'.padEnd(80, '\0')),
      /The addon is for/,
    ],
    ['no addon', ADDON, (at) => rmSync(path.join(at, file)), /^It lacks lipia\./],
    ['a large addon', ADDON, (at) => appendFileSync(path.join(at, file), Buffer.alloc(LARGEST_ADDON)), /bytes large/],
  ]) {
    test(name, { skip: process.platform === 'win32' && 'tar' }, () => {
      const faults = changed(where, change);
      assert.ok(
        faults.some((fault) => told.test(fault)),
        faults.join('\n'),
      );
    });
  }

  function appendPackage(at, more) {
    const json = path.join(at, 'package.json');
    writeFileSync(json, readFileSync(json, 'utf8').replace(/\n\}\n$/, `,\n${more}\n}\n`));
  }

  test('a package that is too large', () => {
    const archive = path.join(scratchFolder(), MAIN);
    cpSync(path.join(PACKAGES, MAIN), archive);
    appendFileSync(archive, Buffer.alloc(LARGEST_PACKAGE));
    assert.match(faultsOf(archive)[0], /bytes large/);
  });

  test('a path of every kind of machine', () => {
    for (const text of [
      '/root/x/lib.rs',
      'C:\\Users\\somebody\\lib.rs',
      'D:\\a\\_work\\x',
      'x/.cargo/registry/src/one/lib.rs',
      '/runner/x/.rustup/toolchains',
      'a/node_modules/b/c.js',
    ]) {
      assert.equal(machinePaths(Buffer.from(`\0${text}\0`), []).length, 1, text);
    }
    assert.deepEqual(machinePaths(Buffer.from('\0lipia/core/src/lib.rs\0'), []), []);
  });
});

describe('what the lists of platforms say', () => {
  const source = (...place) => readFileSync(path.join(PACKAGE, ...place), 'utf8');

  test('the loader knows those that are published', () => {
    const names = PLATFORMS.map(({ name }) => name);
    const listed = source('ts', 'platform.ts').match(/const PLATFORMS = \[([^\]]*)\]/)[1];
    assert.deepEqual([...listed.matchAll(/'([\w-]+)'/g)].map(([, name]) => name).sort(), [...names].sort());
    const required = [
      ...source('ts', 'load-addon.ts').matchAll(/case '([\w-]+)':\s+return \{ addon: require\('lipia-([\w-]+)'\)/g),
    ];
    assert.deepEqual(required.map(([, name]) => name).sort(), [...names].sort());
    for (const [, name, loaded] of required) assert.equal(name, loaded);
  });

  test('the build has a target for each', () => {
    const built = readFileSync(path.join(REPOSITORY, '.ci', 'node-addon'), 'utf8');
    const pairs = [...built.matchAll(/^ {4}"([\w-]+)": "([\w-]+)",$/gm)].map(([, target, name]) => [target, name]);
    assert.deepEqual(
      pairs,
      PLATFORMS.map(({ target, name }) => [target, name]),
    );
  });

  test('an addon says what machine it is for', () => {
    assert.equal(machineOf(unpacked(path.join(PACKAGES, ADDON)).get(file)), `${process.platform}-${process.arch}`);
    assert.equal(machineOf(Buffer.from('\xcf\xfa\xed\xfe\x0c\0\0\x01', 'latin1')), 'darwin-arm64');
    assert.equal(machineOf(Buffer.from('nothing')), 'nothing that is known');
  });
});

describe('a release', () => {
  const whole = () => {
    const folder = scratchFolder();
    for (const name of expectedOfRelease()) writeFileSync(path.join(folder, name), '');
    return folder;
  };

  test('is whole with every platform, and of the version that the tag says', () => {
    assert.equal(expectedOfRelease().length, 9);
    assert.deepEqual(faultsOfRelease(whole(), `v${manifest.version}`), []);
    const lacking = whole();
    rmSync(path.join(lacking, `lipia-win32-arm64-msvc-${manifest.version}.tgz`));
    writeFileSync(path.join(lacking, 'lipia-9.9.9.tgz'), '');
    assert.deepEqual(faultsOfRelease(lacking, 'v9.9.9'), [
      `The tag is v9.9.9, the version ${manifest.version}.`,
      `lipia-win32-arm64-msvc-${manifest.version}.tgz is missing.`,
      'lipia-9.9.9.tgz is none of a release.',
    ]);
  });

  test('has the version of the workspace', () => {
    const cargo = core('..', 'Cargo.toml').toString();
    assert.equal(cargo.match(/^version = "(.+)"/m)[1], manifest.version);
    assert.ok(manifest.private, 'what is published is packed by scripts/pack.mjs');
  });

  const workflow = () => readFileSync(path.join(REPOSITORY, '.github', 'workflows', 'release-node.yml'), 'utf8');

  test('is built for every platform by the workflow', () => {
    for (const { target } of PLATFORMS) assert.match(workflow(), new RegExp(`\\b${target}\\b`));
  });

  test('runs scripts that are there', () => {
    const named = new Set(workflow().match(/(?:\.ci|bindings-node)\/[\w./-]*\w\b/g));
    assert.ok(named.size > 3);
    for (const script of named) assert.ok(existsSync(path.join(REPOSITORY, script)), script);
  });
});
