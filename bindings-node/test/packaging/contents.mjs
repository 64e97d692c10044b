/**
 * What the packages hold, and what they must not: `node contents.mjs FOLDER [TAG]` ends with 1 where one is at fault. With
 * a tag every platform has to be there, and the tag has to be the version. Needs nothing but Node.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { mainManifest, manifest, PLATFORMS, platformManifest, root } from '../../scripts/platforms.mjs';

/** What the addon may measure, in bytes, and what is fetched of it. */
export const LARGEST_ADDON = 6_700_000;
export const LARGEST_PACKAGE = 3_600_000;

const LICENSES = ['LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT'];

/** Folders of people's and build machines, and what cargo's, rustup's and npm's own folders are called. */
const MACHINE =
  /\/root\/|\/home\/|\/Users\/|\/tmp\/|\/github\/|\/builds\/|[A-Za-z]:[\\/]+(?:Users|a|_work)[\\/]|\.cargo[\\/]|\.rustup[\\/]|registry[\\/]src|crates\.io|npmjs\.|node_modules[\\/]/;
const HOST = /https?:\/\/([a-z0-9.-]+\.[a-z]{2,})/gi;
/** Whose addresses may stand in a package: the gateways', the project's own, and those of examples. */
const HOSTS =
  /(?:^|\.)(?:safaricom\.co\.ke|palpluss\.com|upesipay\.com|github\.com|apache\.org|example\.(?:com|org|co\.ke)|lipia\.dev)$/i;

/** The files of an archive as npm makes them, with their contents. */
export function unpacked(archive) {
  const bytes = gunzipSync(readFileSync(archive));
  const files = new Map();
  for (let place = 0; place + 512 <= bytes.length; ) {
    const field = (from, length) => bytes.toString('utf8', place + from, place + from + length).replace(/\0.*$/s, '');
    const name = [field(345, 155), field(0, 100)].filter(Boolean).join('/');
    if (name === '') break;
    const size = Number.parseInt(field(124, 12), 8);
    const content = bytes.subarray(place + 512, place + 512 + size);
    if (field(156, 1) === '0' || field(156, 1) === '') files.set(name.replace(/^package\//, ''), content);
    place += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

/** What of this machine would tell where a package was made. */
export function localFolders() {
  const cargo = process.env.CARGO_HOME ?? path.join(os.homedir(), '.cargo');
  const folders = [path.dirname(root), cargo, process.env.CARGO_TARGET_DIR ?? '', os.homedir(), os.hostname()];
  // One as short as `/root` stands in many a text; the general list knows those.
  return folders.filter((folder) => folder.length > 8);
}

/** Texts that name a folder of a machine. */
export function machinePaths(content, folders = localFolders()) {
  const text = content.toString('latin1');
  const found = new Set();
  for (const line of text.match(/[\x20-\x7e]{6,}/g) ?? []) {
    const place = [line.search(MACHINE), ...folders.map((folder) => line.indexOf(folder))].find((index) => index >= 0);
    if (place !== undefined) found.add(line.slice(place, place + 80));
  }
  return [...found];
}

/** Hosts that a text names and that are nobody's that a package has to do with. */
export function strangeHosts(content) {
  const named = [...content.toString('latin1').matchAll(HOST)].map(([, host]) => host);
  return [...new Set(named)].filter((host) => !HOSTS.test(host));
}

/** What is wrong with one package, in sentences. */
export function faultsOf(archive) {
  const files = unpacked(archive);
  const json = JSON.parse(files.get('package.json') ?? '{}');
  const platform = PLATFORMS.find((one) => one.package === json.name);
  const expected = platform === undefined ? mainManifest() : platformManifest(platform);
  const faults = platform === undefined ? faultsOfMain(files) : faultsOfAddon(files, platform);
  const size = statSync(archive).size;
  if (size > LARGEST_PACKAGE) faults.push(`It is ${size} bytes large; ${LARGEST_PACKAGE} are allowed.`);
  if (JSON.stringify(json) !== JSON.stringify(expected)) faults.push('Its package.json is not the one of this tree.');
  for (const name of [...LICENSES, 'README.md']) if (!files.has(name)) faults.push(`It lacks ${name}.`);
  for (const [name, content] of files) {
    const paths = machinePaths(content);
    if (paths.length > 0) faults.push(`${name} tells where it was made: ${paths.slice(0, 5).join(' ')}`);
    // Others' licences name others, and in a library one text runs into the next.
    if (name === 'LICENSE-THIRD-PARTY' || name.endsWith('.node')) continue;
    const hosts = strangeHosts(content);
    if (hosts.length > 0) faults.push(`${name} names hosts that are none of ours: ${hosts.join(' ')}`);
  }
  return faults;
}

function faultsOfMain(files) {
  const faults = [];
  const known =
    /^(?:package\.json|README\.md|LICENSE(?:-\w+)?|dist\/[\w/-]+\.(?:js|mjs|d\.ts|d\.mts)|dist\/(?:lipia|others)\.js\.map)$/;
  const surplus = [...files.keys()].filter((name) => !known.test(name));
  if (surplus.length > 0) faults.push(`It holds what is none of the package: ${surplus.join(' ')}.`);
  for (const target of targetsOf(manifest.exports)) {
    if (!files.has(target.replace(/^\.\//, ''))) faults.push(`It lacks ${target}, which it exports.`);
  }
  for (const name of ['dist/lipia.js', 'dist/others.js']) faults.push(...faultsOfMap(name, files));
  if (!files.get('dist/cli.js')?.toString().startsWith('#!/usr/bin/env node\n'))
    faults.push('Its command does not run.');
  return faults;
}

/** What is wrong with the source map of a file. */
function faultsOfMap(name, files) {
  const map = files.get(`${name}.map`);
  if (map === undefined) return [`It lacks ${name}.map.`];
  const { sources = [], sourcesContent = [] } = JSON.parse(map.toString());
  const isWhole = sources.length > 3 && sourcesContent.length === sources.length && sourcesContent.every(Boolean);
  const isLinked = files
    .get(name)
    .toString()
    .includes(`//# sourceMappingURL=${path.basename(name)}.map`);
  return isWhole && isLinked ? [] : [`${name}.map does not lead to the sources.`];
}

function targetsOf(exported) {
  return typeof exported === 'string' ? [exported] : Object.values(exported).flatMap(targetsOf);
}

function faultsOfAddon(files, platform) {
  const faults = [];
  const wanted = new Set(['package.json', 'README.md', 'LICENSE-THIRD-PARTY', platform.file, ...LICENSES]);
  const surplus = [...files.keys()].filter((name) => !wanted.has(name));
  if (surplus.length > 0) faults.push(`It holds what is none of the package: ${surplus.join(' ')}.`);
  const addon = files.get(platform.file);
  if (addon === undefined) return [...faults, `It lacks ${platform.file}.`];
  if (addon.length > LARGEST_ADDON)
    faults.push(`The addon is ${addon.length} bytes large; ${LARGEST_ADDON} are allowed.`);
  if (!machineOf(addon).startsWith(`${platform.os}-${platform.cpu}`))
    faults.push(`The addon is for ${machineOf(addon)}.`);
  const third = files.get('LICENSE-THIRD-PARTY')?.toString() ?? '';
  if (!third.includes('\nring ') || !third.includes('Permission is hereby granted')) {
    faults.push('LICENSE-THIRD-PARTY is not in it, or holds no licences: build it with .ci/node-addon.');
  }
  return faults;
}

const PROCESSORS = { 62: 'x64', 183: 'arm64', 34404: 'x64', 43620: 'arm64', 16777223: 'x64', 16777228: 'arm64' };

/** The system and processor that a library is for, as its first bytes say. */
export function machineOf(library) {
  const magic = library.subarray(0, 4).toString('latin1');
  if (magic === '\x7fELF') return `linux-${PROCESSORS[library.readUInt16LE(18)]}`;
  if (magic === '\xcf\xfa\xed\xfe') return `darwin-${PROCESSORS[library.readUInt32LE(4)]}`;
  if (magic.startsWith('MZ')) return `win32-${PROCESSORS[library.readUInt16LE(library.readUInt32LE(60) + 4)]}`;
  return 'nothing that is known';
}

/** What a whole release consists of. */
export function expectedOfRelease() {
  return ['lipia', ...PLATFORMS.map((platform) => platform.package)].map((name) => `${name}-${manifest.version}.tgz`);
}

/** What is wrong with a folder that is to be published, but for what is wrong within its packages. */
export function faultsOfRelease(folder, tag) {
  const found = readdirSync(folder);
  const needed = expectedOfRelease();
  return [
    ...(tag === undefined || tag === `v${manifest.version}`
      ? []
      : [`The tag is ${tag}, the version ${manifest.version}.`]),
    ...needed.filter((name) => !found.includes(name)).map((name) => `${name} is missing.`),
    ...found.filter((name) => !needed.includes(name)).map((name) => `${name} is none of a release.`),
  ];
}

function main([folder, ...rest]) {
  if (folder === undefined) {
    console.log('Name the folder with the packages, and --release, or the tag, where it is to be published.');
    return 2;
  }
  const [release] = rest;
  const told = release === undefined ? [] : faultsOfRelease(folder, release === '--release' ? undefined : release);
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.tgz'))) {
    const archive = path.join(folder, name);
    console.log(`${name}: ${statSync(archive).size} bytes`);
    told.push(...faultsOf(archive).map((fault) => `${name}: ${fault}`));
  }
  console.log(told.join('\n') || 'There is no fault.');
  return told.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
