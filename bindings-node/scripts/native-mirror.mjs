// The generator of `ts/addon.ts`: the native addon as TypeScript sees it, from the Rust sources. What it makes is checked in, and a
// test compares the two.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const HERE = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const MIRROR = path.join(HERE, 'ts', 'addon.ts');

const HEAD = `/** The native addon, from its Rust sources. Made by \`scripts/native-mirror.mjs\`: do not edit. */

/** The error, as JSON text, of what has nothing else to return; or the thing itself. */
export type OrRefusal<T> = T | string;
`;

const TYPES = {
  '()': 'void',
  String: 'string',
  "&'static str": 'string',
  bool: 'boolean',
  f64: 'number',
  '&[u8]': 'Uint8Array',
  // The error of a call that cannot even begin.
  Begun: 'string | null',
  Null: 'null',
};

/** A type of Rust as JavaScript sees it. */
function typeOf(rust) {
  const text = rust.replaceAll(/\s+/g, ' ').trim();
  if (text in TYPES) return TYPES[text];
  if (/^[ui](8|16|32|64)$/.test(text)) return 'number';
  const inside = (name) => text.match(new RegExp(`^${name}<(.*)>$`))?.[1];
  const result = inside('(?:napi::)?Result');
  if (result !== undefined) return typeOf(result);
  const option = inside('Option');
  if (option !== undefined) return `${typeOf(option)} | null`;
  const list = inside('Vec');
  if (list !== undefined) return `${typeOf(list)}[]`;
  const orRefusal = inside('OrRefusal');
  if (orRefusal !== undefined) return `OrRefusal<${typeOf(orRefusal)}>`;
  const either = inside('Either');
  if (either !== undefined) return parts(either).map(typeOf).join(' | ');
  const called = inside('Function');
  if (called !== undefined) {
    const [, given, returned] = parts(called);
    return `(results: ${typeOf(given)}) => ${typeOf(returned)}`;
  }
  if (/^&?Native\w+$/.test(text)) return text.replace('&', '');
  throw new Error(`${text} has no type in TypeScript here: add it to TYPES`);
}

/** The parts of a list, at its commas outside of brackets. */
function parts(text) {
  const found = [''];
  let depth = 0;
  for (const character of text) {
    depth += { '<': 1, '(': 1, '>': -1, ')': -1 }[character] ?? 0;
    if (character === ',' && depth === 0) found.push('');
    else found[found.length - 1] += character;
  }
  return found.map((part) => part.trim()).filter((part) => part !== '');
}

const camel = (name) => name.replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** What stands between the braces that open next. */
function block(text, from) {
  const start = text.indexOf('{', from);
  let depth = 0;
  for (let place = start; place < text.length; place += 1) {
    depth += { '{': 1, '}': -1 }[text[place]] ?? 0;
    if (depth === 0) return text.slice(start + 1, place);
  }
  throw new Error('a block is not closed');
}

const FUNCTION =
  /((?:^ *\/\/\/[^\n]*\n)*)(?:^ *#\[allow\([^\]]*\)\]\n)*^ *#\[napi(\(getter\))?\]\n *pub (?:const )?fn (\w+)\(([^{]*?)\)(?: -> ([^{]*?))? \{/gm;

/** The functions in a text, as the members of an interface. */
function members(text) {
  return [...text.matchAll(FUNCTION)].map(([, docs, getter, name, given, returned]) => {
    const doc = docs
      .split('\n')
      .map((line) => line.trim().replace(/^\/\/\/ ?/, ''))
      .join(' ')
      .trim();
    const listed = parts(given)
      .map((one) => one.match(/^(\w+): ([\s\S]*)$/))
      .filter((one) => one !== null && !/^&?Env$/.test(one[2]))
      .map(([, parameter, rust]) => `${camel(parameter)}: ${typeOf(rust)}`);
    const result = typeOf(returned ?? '()');
    const member = getter ? `readonly ${camel(name)}: ${result};` : `${camel(name)}(${listed.join(', ')}): ${result};`;
    return { doc, member: wrapped(member, getter ? null : listed) };
  });
}

/** A member on one line, or with a line for each parameter where it is longer than 120 characters. */
function wrapped(member, listed) {
  if (member.length + 2 <= 120 || listed === null) return `  ${member}`;
  const [name, result] = [member.slice(0, member.indexOf('(')), member.slice(member.lastIndexOf('): ') + 3)];
  return `  ${name}(\n${listed.map((one) => `    ${one},\n`).join('')}  ): ${result}`;
}

function documented({ doc, member }) {
  if (doc === '') return `${member}\n`;
  if (doc.length + 9 <= 120) return `  /** ${doc} */\n${member}\n`;
  const lines = [''];
  for (const word of doc.split(' ')) {
    if (`   *${lines.at(-1)} ${word}`.length > 120) lines.push('');
    lines[lines.length - 1] += ` ${word}`;
  }
  return `  /**\n${lines.map((line) => `   *${line}\n`).join('')}   */\n${member}\n`;
}

/** The text of `ts/addon.ts`. */
export function made() {
  const files = readdirSync(path.join(HERE, 'src')).filter((name) => name.endsWith('.rs'));
  const texts = files.sort().map((name) => readFileSync(path.join(HERE, 'src', name), 'utf8'));
  const classes = new Map();
  const functions = [];
  for (const text of texts) {
    let rest = text;
    for (const { 0: opening, 1: name, index } of text.matchAll(/^#\[napi\]\nimpl (\w+) \{/gm)) {
      const inside = block(text, index + opening.length - 1);
      classes.set(name, [...(classes.get(name) ?? []), ...members(inside)]);
      rest = rest.replace(inside, '');
    }
    functions.push(...members(rest));
  }
  const interfaces = [...classes].sort(([one], [other]) => (one < other ? -1 : 1));
  interfaces.push(['Addon', functions]);
  return (
    HEAD + interfaces.map(([name, all]) => `\nexport interface ${name} {\n${all.map(documented).join('')}}\n`).join('')
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(MIRROR, made());
