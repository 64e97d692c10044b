// Builds dist/ from ts/: one CommonJS file that holds everything, and for each entry of the package a file that takes its
// part of it, for require() as for import. So both see the same classes, and requiring the package reads one file.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const require = createRequire(import.meta.url);
const { version } = require('../package.json');

/** The entries of the package, each a file of ts/ and a path that is exported. */
export const ENTRIES = ['index', 'express', 'fetch', 'node', 'sandbox'];

/** The command. Where there is no addon the sentence is for a person, who has no use for a stack. */
const CLI = `#!/usr/bin/env node
'use strict';
try {
  require('./lipia.js').main();
} catch (error) {
  if (error?.code !== 'LIPIA_ADDON_NOT_FOUND') throw error;
  console.error(error.message);
  process.exitCode = 1;
}
`;

function write(name, text) {
  writeFileSync(path.join(dist, name), text);
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
await build({
  stdin: {
    contents: [...ENTRIES.map((name) => `export * as ${name} from './${name}';`), "export { main } from './cli';"].join(
      '\n',
    ),
    resolveDir: path.join(root, 'ts'),
    sourcefile: 'lipia.ts',
    loader: 'ts',
  },
  outfile: path.join(dist, 'lipia.js'),
  bundle: true,
  platform: 'node',
  target: 'node18',
  format: 'cjs',
  // The packages that hold the addon, one a platform.
  external: ['lipia-*'],
  define: { PACKAGE_VERSION: JSON.stringify(version) },
  keepNames: false,
  legalComments: 'none',
  logLevel: 'warning',
});
const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
execFileSync(process.execPath, [tsc, '--project', root], { stdio: 'inherit' });
removeUnreachableTypes();

// The addon is not needed to list names, and may not be built yet.
const names = await exportedNames();
for (const entry of ENTRIES) {
  write(`${entry}.js`, `'use strict';\nmodule.exports = require('./lipia.js').${entry};\n`);
  write(
    `${entry}.mjs`,
    `import entry from './${entry}.js';\nexport const {\n${names[entry].map((name) => `  ${name},\n`).join('')}} = entry;\n`,
  );
  write(`${entry}.d.mts`, `export * from './${entry}.js';\n`);
}
write('cli.js', CLI);

/** Removes the types of what is only used inside: no entry leads there, and what is marked `@internal` is gone already. */
function removeUnreachableTypes() {
  const reached = new Set();
  const waiting = ENTRIES.map((name) => path.join(dist, `${name}.d.ts`));
  while (waiting.length > 0) {
    const file = waiting.pop();
    if (reached.has(file)) continue;
    reached.add(file);
    for (const [, imported] of readFileSync(file, 'utf8').matchAll(/["'](\.\.?\/[\w/-]+)["']/g)) {
      waiting.push(path.join(path.dirname(file), `${imported}.d.ts`));
    }
  }
  for (const name of readdirSync(dist, { recursive: true })) {
    const file = path.join(dist, name);
    if (name.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
}

/** The names of values that each entry exports, as esbuild finds them. */
async function exportedNames() {
  const result = await build({
    entryPoints: ENTRIES.map((name) => path.join(root, 'ts', `${name}.ts`)),
    outdir: path.join(dist, 'unused'),
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['lipia-*'],
    logLevel: 'warning',
  });
  const outputs = Object.entries(result.metafile.outputs);
  return Object.fromEntries(outputs.map(([file, output]) => [path.basename(file, '.js'), [...output.exports].sort()]));
}
