/** The names in the package's declarations, as an editor reads them. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PACKAGE } from './repository.mjs';
import { block } from './rust-source.mjs';

const DIST = path.join(PACKAGE, 'dist');

const withoutComments = (text) => text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

const files = new Map(
  readdirSync(DIST)
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => [
      `./${name.slice(0, -'.d.ts'.length)}`,
      withoutComments(readFileSync(path.join(DIST, name), 'utf8')),
    ]),
);

/** Everything that is declared. */
export const everything = [...files.values()].join('\n');

/** Every name that an entry exports, of a value or a type. */
export function exportedTypes(entry) {
  const text = files.get(entry);
  assert.ok(text, `${entry} has no declarations`);
  const listed = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) =>
    list
      .split(',')
      .map((name) =>
        name
          .trim()
          .replace(/^type /, '')
          .split(' as ')
          .at(-1),
      )
      .filter((name) => name !== ''),
  );
  const declared = [
    ...text.matchAll(/^export (?:declare )?(?:abstract )?(?:class|interface|type|const|function) (\w+)/gm),
  ].map(([, name]) => name);
  const passedOn = [...text.matchAll(/export \* from '([^']*)'|export \* from "([^"]*)"/g)].flatMap(
    ([, single, double]) => [...exportedTypes(single ?? double)],
  );
  return new Set([...listed, ...declared, ...passedOn]);
}

/** What a class or an interface declares. */
export function declared(type) {
  const opening = everything.match(
    new RegExp(`export (?:declare )?(?:abstract )?(?:class|interface) ${type}\\b[^{]*\\{`),
  );
  assert.ok(opening, `${type} is not declared`);
  return block(everything.slice(opening.index), opening[0]);
}

/** The members of a class or an interface. */
export function members(type) {
  const names = [
    ...declared(type).matchAll(
      /^ {4}(?:static )?(?:abstract )?(?:declare )?(?:readonly )?(?:get )?(\w+)(?:[?(:<]| =)/gm,
    ),
  ].map(([, name]) => name);
  assert.ok(names.length > 0, `${type} has no member`);
  return new Set(names.filter((name) => name !== 'constructor'));
}

/** The texts that a member of a union of objects can be told apart by. */
export function kindsOf(type) {
  const found = everything.match(new RegExp(`export type ${type} =([\\s\\S]*?)\\n(?=export|declare|\\/\\*)`));
  assert.ok(found, `${type} is not declared`);
  return new Set([...found[1].matchAll(/kind: ['"](\w+)['"]/g)].map(([, kind]) => kind));
}
