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

/** The words of an enum, as its `as_str` writes them. */
export function words(file, type) {
  const inside = block(block(text(...file.split('/')), `impl ${type} {`), 'fn as_str');
  const pairs = [...inside.matchAll(/Self::(\w+) => "(\w+)"/g)];
  assert.deepEqual(new Set(pairs.map(([, name]) => snake(name))), variants(file, type), type);
  return new Set(pairs.map(([, , word]) => word));
}

/** The words of a list that a macro declares. */
export function wordsOfMacro(file, macro) {
  return some(all(block(text(...file.split('/')), `\n${macro}! {`), /^\s+\w+ = "(\w+)",/gm), `word of ${macro}!`);
}

/** Every public name of the crate but those that its documentation hides. */
export function exported() {
  const found = text('lib.rs').replaceAll(/#\[(?:doc\(hidden\)|cfg\(fuzzing\))\]\s*pub (?:use|mod) [^;]*;/g, '');
  const used = all(found, /^pub use ([^;]*);/gm).flatMap((use) => {
    const last = use.includes('{') ? use.slice(use.indexOf('{')) : use.split('::').at(-1);
    return last.match(/\w+/g);
  });
  return new Set([...used, ...all(found, /^pub mod (\w+);/gm)]);
}

/** The methods of the core's client, whichever file they stand in. */
export function clientMethods() {
  const verbs = readdirSync(path.join(REPOSITORY, 'core', 'src', 'verbs')).filter(
    (name) => name.endsWith('.rs') && name !== 'mod.rs',
  );
  const files = ['client.rs', ...verbs.map((name) => `verbs/${name}`)];
  return new Set(files.flatMap((file) => [...methods(file, 'Client')]));
}

/** Which gateways have a setting that not every gateway has. */
export function ownersOfSettings() {
  const inside = block(text('client_settings.rs'), 'fn refuse_settings_of_other_gateways');
  const rows = [...inside.matchAll(/\(\s*"(\w+)",\s*self\.\w+\.is_some\(\),\s*&\[([\w, ]+)\]/g)];
  assert.ok(rows.length >= 14, `only ${rows.length} settings have owners`);
  return new Map(rows.map(([, name, owners]) => [name, owners.toLowerCase().match(/\w+/g)]));
}

/** The parts of a push that only this gateway has. */
export function optionsOfPush(gateway) {
  const inside = block(text('gateway', gateway, 'mod.rs'), 'mod options {');
  return some(all(inside, /"(\w+)"/g), `option of ${gateway}`);
}
