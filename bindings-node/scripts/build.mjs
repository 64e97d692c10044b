// Builds dist/ from ts/: one CommonJS file for `lipia`, one for all other entries, and for each entry a file that takes its
// part of them. So all see the same classes, also where a test runner loads the entries in a way of its own; require('lipia')
// reads one file; and what a server or a test needs beyond it costs nobody else.
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
export const ENTRIES = ['index', 'express', 'fastify', 'fetch', 'node', 'opentelemetry', 'sandbox'];

/** Those that `lipia` itself does not need. */
const OTHERS = ENTRIES.filter((name) => name !== 'index');

/** Where `lipia.js` has what the others use of it, and nobody else sees it. */
const INTERNALS = "Symbol.for('lipia.internals')";

/** The command. Where there is no addon the sentence is for a person, who has no use for a stack. */
const CLI = `#!/usr/bin/env node
'use strict';
try {
  require('./others.js').main();
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
const OPTIONS = {
  bundle: true,
  platform: 'node',
  target: 'node18',
  format: 'cjs',
  // The packages that hold the addon, one a platform.
  external: ['lipia-*', '@opentelemetry/api'],
  logLevel: 'warning',
};

/** Builds a file of dist/ from sentences that import from ts/. */
function bundle(outfile, sentences, plugins) {
  return build({
    ...OPTIONS,
    stdin: { contents: sentences.join('\n'), resolveDir: path.join(root, 'ts'), sourcefile: outfile, loader: 'ts' },
    outfile: path.join(dist, outfile),
    define: { PACKAGE_VERSION: JSON.stringify(version) },
    // Without comments and indents it is read in less time. Names stay, and lines: they stand in the stacks of errors.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 120,
    keepNames: false,
    legalComments: 'none',
    // With `node --enable-source-maps` a stack shows lines of ts/, which the map holds.
    sourcemap: 'linked',
    plugins,
  });
}

const names = await exportedNames([...ENTRIES, 'internals']);

/** An object of what a module of ts/ exports. */
function object(module) {
  return `{ ${names[module].map((name) => `${name}: ${module}.${name}`).join(', ')} }`;
}

// An object as it stands: what esbuild makes of `export *` is two of them with a function for each name, and takes longer.
await bundle('lipia.js', [
  "import * as index from './index';",
  "import * as internals from './internals';",
  `module.exports = ${object('index')};`,
  "Object.defineProperty(module.exports, '__esModule', { value: true });",
  `Object.defineProperty(module.exports, ${INTERNALS}, { value: ${object('internals')} });`,
]);
await bundle(
  'others.js',
  [...OTHERS.map((name) => `export * as ${name} from './${name}';`), "export { main } from './cli';"],
  [
    {
      name: 'internals',
      setup: ({ onResolve }) =>
        onResolve({ filter: /\/internals$/ }, () => ({ path: './internals.js', external: true })),
    },
  ],
);
write('internals.js', `'use strict';\nmodule.exports = require('./lipia.js')[${INTERNALS}];\n`);
const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
execFileSync(process.execPath, [tsc, '--project', root], { stdio: 'inherit' });
removeUnreachableTypes();

write('index.js', "'use strict';\nmodule.exports = require('./lipia.js');\n");
for (const entry of OTHERS) write(`${entry}.js`, `'use strict';\nmodule.exports = require('./others.js').${entry};\n`);
for (const entry of ENTRIES) {
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

/** The names of values that each module exports, as esbuild finds them: the addon, which may not be built yet, is not needed. */
async function exportedNames(modules) {
  const result = await build({
    ...OPTIONS,
    entryPoints: modules.map((name) => path.join(root, 'ts', `${name}.ts`)),
    outdir: path.join(dist, 'unused'),
    write: false,
    metafile: true,
    format: 'esm',
  });
  const outputs = Object.entries(result.metafile.outputs);
  return Object.fromEntries(outputs.map(([file, output]) => [path.basename(file, '.js'), [...output.exports].sort()]));
}
