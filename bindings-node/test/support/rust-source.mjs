/** Reads names out of the core's sources: what there is in Rust, every other language has or says why not. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { core, REPOSITORY, snake } from './repository.mjs';

/** A source file without its comments and its tests. */
export function text(...place) {
  const [found] = core('src', ...place)
    .toString()
    .split('#[cfg(test)]\nmod ');
  return found.replaceAll(/\/\/[^\n]*/g, '');
}

/** What stands between the braces that a text opens. */
export function block(found, opening) {
  const place = found.indexOf(opening);
  assert.notEqual(place, -1, `there is no ${opening}`);
  const start = found.indexOf('{', place + opening.length - 1);
  let depth = 0;
  for (let end = start; end < found.length; end += 1) {
    if (found[end] === '{') depth += 1;
    else if (found[end] === '}') depth -= 1;
    if (depth === 0) return found.slice(start + 1, end);
  }
  throw new assert.AssertionError({ message: `${opening} is not closed` });
}

/** The first group of every match. */
function all(found, pattern) {
  return [...found.matchAll(pattern)].map(([, name]) => name);
}

function some(names, what) {
  assert.ok(names.length > 0, `there is no ${what}`);
  return new Set(names);
}

/** The public methods of a type in a file. */
export function methods(file, type) {
  const found = text(...file.split('/'));
  const blocks = [...found.matchAll(new RegExp(`^impl(?:<[^>]*>)? ${type}(?:<[^>]*>)? \\{`, 'gm'))];
  const names = blocks.flatMap((match) =>
    all(block(found.slice(match.index), match[0]), /^ {4}pub (?:const |async )*fn (\w+)/gm),
  );
  return some(names, `public method of ${type} in ${file}`);
}

/** The public fields of a struct. */
export function fields(file, type) {
  const found = text(...file.split('/')).replaceAll(/(?<=pub struct \w+)<[^>]*>/g, '');
  const inside = block(found, `pub struct ${type} {`);
  return some(all(inside, /^ {4}pub (\w+):/gm), `public field of ${type}`);
}

/** The variants of an enum, in snake case. */
export function variants(file, type) {
  const inside = block(text(...file.split('/')), `pub enum ${type} {`);
  const bare = inside.replaceAll(/\{[^{}]*\}|\([^()]*\)|#\[[^\]]*\]/g, '');
  return some(all(bare, /^\s+(\w+)\s*,/gm).map(snake), `variant of ${type}`);
}

/** The words of a list that `word_list!` declares. */
export function words(file, type) {
  return some(all(block(text(...file.split('/')), `pub enum ${type} {`), /^\s+\w+ = "(\w+)",/gm), `word of ${type}`);
}

/** The files whose `pub use` make a public name: the root, and the public modules. */
const FACES = [
  'lib',
  'callback/mod',
  'client/mod',
  'error/mod',
  'gateway/mod',
  'guard/mod',
  'meaning/event/mod',
  'meaning/result_codes/mod',
  'payment/mod',
  'values/mod',
];

/** Every public name of the crate but those that its documentation hides: re-exports and, in the modules, what they define. */
export function exported() {
  const found = FACES.map((face) => text(...`${face}.rs`.split('/')))
    .join('\n')
    .replaceAll(/#\[(?:doc\(hidden\)|cfg\(fuzzing\))\]\s*pub (?:use|mod) [^;]*;/g, '');
  const used = all(found, /^pub use ([^;]*);/gm).flatMap((use) => {
    const last = use.includes('{') ? use.slice(use.indexOf('{')) : use.split('::').at(-1);
    return last.replaceAll(/\w+ as /g, '').match(/\w+/g);
  });
  // The functions of the table of result codes are methods and one function elsewhere.
  const table = [...methodsOfTable()];
  const defined = all(found, /^(?:pub (?:struct|trait|type|fn|mod)|(?: {4})?pub enum) (\w+)/gm);
  const modules = [
    'callback',
    'client',
    'error',
    'event',
    'gateway',
    'guard',
    'payment',
    'result_codes',
    'values',
    'codes',
    'ledger',
  ];
  return new Set([...used, ...defined].filter((name) => ![...modules, ...table].includes(name)));
}

function methodsOfTable() {
  const lines = all(text('meaning', 'result_codes', 'mod.rs'), /^(pub (?:use|fn) [^;({]*(?:\{[^}]*\})?)/gm);
  return new Set(lines.flatMap((line) => line.match(/\b[a-z_]+\b/g)));
}

/** The methods of the core's client, whichever file they stand in. */
export function clientMethods() {
  const verbs = readdirSync(path.join(REPOSITORY, 'core', 'src', 'client', 'verbs')).filter(
    (name) => name.endsWith('.rs') && name !== 'mod.rs',
  );
  const files = ['client/mod.rs', ...verbs.map((name) => `client/verbs/${name}`)];
  return new Set(files.flatMap((file) => [...methods(file, 'Client')]));
}

/** The settings of clients, each with the gateways that have it: none for all of them. */
export function settings() {
  const rows = text('client/settings.rs').matchAll(/^ {4}(\w+): [\w<>]+ = [^;]*?, \[([\w, ]*)\], \[[\w, ]*\], \[/gm);
  const found = new Map([...rows].map(([, name, owners]) => [name, owners.toLowerCase().match(/\w+/g) ?? []]));
  assert.ok(found.size > 25, `only ${found.size} settings were found`);
  return found;
}

/** Gateways that speak another one's interface, and so stand in its folder. */
const FOLDERS = { payhero: 'upesipay' };

/** The parts of a push that only this gateway has. */
export function optionsOfPush(gateway) {
  const inside = text('gateway', FOLDERS[gateway] ?? gateway, 'options.rs');
  return some(all(inside, /"(\w+)"/g), `option of ${gateway}`);
}

/** Every source file of the core, as it is. */
export function texts() {
  const root = path.join(REPOSITORY, 'core', 'src');
  const files = readdirSync(root, { recursive: true }).filter((name) => name.endsWith('.rs'));
  return files.map((file) => core('src', ...file.split(path.sep)).toString());
}
