// Builds dist/ from ts/: one CommonJS file that holds everything, and for each entry of the package a file that takes its
// part of it, for require() as for import. So both see the same classes, and requiring the package reads one file.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const require = createRequire(import.meta.url);

/** The entries of the package, each a file of ts/ and a path that is exported. */
export const ENTRIES = ['index', 'express', 'fetch', 'node', 'sandbox'];

function write(name, text) {
  writeFileSync(path.join(dist, name), text);
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
await build({
  stdin: {
    contents: [...ENTRIES.map((name) => `export * as ${name} from './${name}';`), "export { main } from './cli';"].join('\n'),
    resolveDir: path.join(root, 'ts'),
    sourcefile: 'lipia.ts',
    loader: 'ts',
  },
  outfile: path.join(dist, 'lipia.js'),
  bundle: true,
  platform: 'node',
  target: 'node18',
  format: 'cjs',
  external: ['*.node'],
  keepNames: false,
  legalComments: 'none',
  logLevel: 'warning',
});
execFileSync(process.execPath, [path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc'), '--project', root], { stdio: 'inherit' });

// The addon is not needed to list names, and may not be built yet.
const names = await exportedNames();
for (const entry of ENTRIES) {
  write(`${entry}.js`, `'use strict';\nmodule.exports = require('./lipia.js').${entry};\n`);
  write(`${entry}.mjs`, `import entry from './${entry}.js';\nexport const {\n${names[entry].map((name) => `  ${name},\n`).join('')}} = entry;\n`);
  write(`${entry}.d.mts`, `export * from './${entry}.js';\n`);
}
write('cli.js', "#!/usr/bin/env node\n'use strict';\nrequire('./lipia.js').main();\n");

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
    external: ['*.node'],
    logLevel: 'warning',
  });
  const outputs = Object.entries(result.metafile.outputs);
  return Object.fromEntries(
    outputs.map(([file, output]) => [path.basename(file, '.js'), [...output.exports].sort()]),
  );
}
