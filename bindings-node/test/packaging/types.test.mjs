/** What compilers make of users' programs, of their mistakes, and of the package's types. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { manifest } from '../../scripts/platforms.mjs';
import { PACKAGE } from '../support/repository.mjs';
import { installed, PACKAGES } from './packages.mjs';

const MODULES = path.join(PACKAGE, 'node_modules');
const shop = installed();
const types = path.join(shop, 'node_modules', 'lipia', 'dist');
// Whoever uses `lipia/opentelemetry` has the last of them.
for (const name of ['@types/node', 'undici-types', '@opentelemetry/api']) {
  cpSync(path.join(MODULES, name), path.join(shop, 'node_modules', name), { recursive: true });
}
for (const name of ['program.ts', 'mistakes.ts']) {
  cpSync(fileURLToPath(new URL(`types/${name}`, import.meta.url)), path.join(shop, name));
}
const entries = Object.keys(manifest.exports).filter((name) => name !== './package.json');
writeFileSync(
  path.join(shop, 'entries.ts'),
  entries.map((entry, place) => `export * as entry${place} from '${path.posix.join('lipia', entry)}';\n`).join(''),
);

/** What the compiler says of files at its strictest. */
function compiled(typescript, kind, options, ...files) {
  writeFileSync(path.join(shop, 'package.json'), JSON.stringify({ name: 'shop', private: true, type: kind }));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    target: 'ES2022',
    types: ['node'],
    ...options,
  };
  writeFileSync(path.join(shop, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const tsc = path.join(MODULES, typescript, 'bin', 'tsc');
  const done = spawnSync(process.execPath, [tsc, '--project', shop], { encoding: 'utf8', timeout: 300_000 });
  return done.stdout + done.stderr;
}

const WAYS = [
  ['ESM', 'module', { module: 'nodenext' }],
  ['CommonJS', 'commonjs', { module: 'nodenext' }],
  ['a bundler', 'module', { module: 'esnext', moduleResolution: 'bundler' }],
];

/** What `commonjs` alone means to compilers before 6, which know nothing of exports. */
const OLD_WAY = ['CommonJS as it was', 'commonjs', { module: 'commonjs', moduleResolution: 'node10' }];

for (const typescript of ['typescript', 'typescript-5']) {
  const { version } = JSON.parse(readFileSync(path.join(MODULES, typescript, 'package.json')));
  describe(`TypeScript ${version}`, () => {
    for (const [name, kind, options] of version.startsWith('5.') ? [...WAYS, OLD_WAY] : WAYS) {
      test(`${name}: programs pass, mistakes are found, every entry has its types`, () => {
        assert.equal(compiled(typescript, kind, options, 'program.ts', 'mistakes.ts', 'entries.ts'), '');
      });
    }
    test('a mistake that is none is told, and so is one that nobody expects', () => {
      const text = readFileSync(path.join(shop, 'mistakes.ts'), 'utf8');
      writeFileSync(path.join(shop, 'other.ts'), text.replace(/^\/\/ @ts-expect-error the amount is missing$/m, ''));
      assert.match(
        compiled(typescript, 'module', { module: 'nodenext' }, 'other.ts'),
        /other\.ts\(\d+,\d+\): error TS2/,
      );
    });
  });
}

test('every way of resolving finds the types of the entry that it runs', () => {
  const archive = path.join(PACKAGES, `lipia-${manifest.version}.tgz`);
  const attw = path.join(MODULES, '@arethetypeswrong', 'cli', 'dist', 'index.js');
  const args = [attw, archive, '--format', 'json', '--no-definitely-typed'];
  const done = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 120_000, maxBuffer: 64 * 1024 * 1024 });
  const told = JSON.parse(done.stdout);
  assert.deepEqual(told.problems ?? {}, {}, done.stdout.slice(0, 3000));
  assert.deepEqual(
    [done.status, Object.keys(told.analysis.entrypoints).sort()],
    [0, Object.keys(manifest.exports).sort()],
  );
});

const declarations = readdirSync(types, { recursive: true })
  .filter((name) => /\.d\.m?ts$/.test(name))
  .map((name) => [name, readFileSync(path.join(types, name), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')]);

test('nothing public is of any type', () => {
  assert.ok(declarations.length > 10);
  for (const [name, text] of declarations) assert.doesNotMatch(text, /\bany\b/, name);
});

test('what is only used inside is not in the types', () => {
  const exported = declarations
    .filter(([name]) =>
      entries.some((entry) => name === `${path.posix.basename(entry === '.' ? 'index' : entry)}.d.ts`),
    )
    .map(([, text]) => text)
    .join('\n');
  const passedOn = declarations.filter(([name]) =>
    exported.includes(`export * from './${name.replace(/\.d\.ts$/, '')}'`),
  );
  const open = exported + passedOn.map(([, text]) => text).join('\n');
  for (const [name, text] of declarations) {
    assert.doesNotMatch(text, /\bNative[A-Z]|loadAddon|@internal|#(?!private)\w/, name);
    for (const [, value] of text.matchAll(
      /^export declare (?:async )?(?:function|const|(?:abstract )?class) (\w+)/gm,
    )) {
      assert.match(open, new RegExp(`\\b${value}\\b`), `${name} has ${value}, which no entry exports`);
    }
  }
});
