/** Finds the native addon that was installed for this machine. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Addon } from './addon';
import { type Platform, platformsOf } from './platform';

/** The version of this package; `scripts/build.mjs` puts it in. */
declare const PACKAGE_VERSION: string;

/** A place where the addon was looked for in vain. */
interface Attempt {
  /** The package or file. */
  readonly where: string;
  readonly trouble: 'missing' | 'refused' | 'other_version';
  /** What is wrong with it, in words that finish a sentence. */
  readonly told: string;
  readonly cause?: unknown;
}

/** What a place has. */
type Found = { readonly addon: Addon } | { readonly cause: unknown };

/** The addon of this machine: one that was built here, beside package.json, or else the one of the installed package. */
export function loadAddon(): Addon {
  const attempts: Attempt[] = [];
  for (const platform of platformsOf(process)) {
    const file = join(__dirname, '..', `lipia.${platform}.node`);
    // In an installed package there is none.
    const places = existsSync(file) ? [file, `lipia-${platform}`] : [`lipia-${platform}`];
    for (const where of places) {
      const found = where === file ? built(file) : installed(platform);
      const trouble = troubleWith(found);
      if ('addon' in found && trouble === null) return found.addon;
      if (trouble !== null) attempts.push({ where, ...trouble });
    }
  }
  throw notFound(attempts);
}

function troubleWith(found: Found): Omit<Attempt, 'where'> | null {
  if ('cause' in found) {
    const { cause } = found;
    if ((cause as { code?: unknown } | null)?.code === 'MODULE_NOT_FOUND') {
      return { trouble: 'missing', told: 'is not installed' };
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    return { trouble: 'refused', told: `cannot be loaded: ${reason}`, cause };
  }
  const { version } = found.addon;
  const theirs = typeof version === 'function' ? version() : 'of no version';
  if (theirs === PACKAGE_VERSION) return null;
  return { trouble: 'other_version', told: `is ${theirs}, and lipia itself is ${PACKAGE_VERSION}` };
}

/** The addon of a file. Not by `require`, of which a bundler would make something else. */
function built(file: string): Found {
  const module = { exports: {} };
  try {
    process.dlopen(module, file);
    return { addon: module.exports as Addon };
  } catch (cause) {
    return { cause };
  }
}

/**
 * The addon of a package. Each is named in full: what collects the files of a program for another machine, as Next.js and
 * serverless platforms do, sees what is required, and inside `try` a bundler takes a missing one as it is.
 */
function installed(platform: Platform): Found {
  try {
    switch (platform) {
      case 'linux-x64-gnu':
        return { addon: require('lipia-linux-x64-gnu') };
      case 'linux-arm64-gnu':
        return { addon: require('lipia-linux-arm64-gnu') };
      case 'linux-x64-musl':
        return { addon: require('lipia-linux-x64-musl') };
      case 'linux-arm64-musl':
        return { addon: require('lipia-linux-arm64-musl') };
      case 'darwin-x64':
        return { addon: require('lipia-darwin-x64') };
      case 'darwin-arm64':
        return { addon: require('lipia-darwin-arm64') };
      case 'win32-x64-msvc':
        return { addon: require('lipia-win32-x64-msvc') };
      case 'win32-arm64-msvc':
        return { addon: require('lipia-win32-arm64-msvc') };
    }
  } catch (cause) {
    return { cause };
  }
}

const ADVICE: Readonly<Record<Attempt['trouble'] | 'always' | 'unsupported', readonly string[]>> = {
  missing: [
    'Install with optional dependencies: without --omit=optional and --no-optional, and with no "omit" or "optional" in .npmrc.',
    'If node_modules or the lock file came from another platform, delete both and install here; for a container, inside it.',
  ],
  refused: [
    'If the system says that the file is damaged or missing, delete node_modules and install again.',
    'The addon needs glibc 2.17 or musl 1.2 on Linux, macOS 11, or Windows 10, and a Node of the same processor.',
  ],
  other_version: [
    'Delete node_modules and install again; in a checkout of Lipia, run .ci/node. Both have to be of one version.',
  ],
  always: [
    'If a bundler made this program, keep lipia out of it: "external" in esbuild and webpack, "serverExternalPackages" in Next.js.',
  ],
  unsupported: [
    'There are addons for Linux (glibc 2.17 or musl 1.2), macOS 11 and Windows 10, each for x64 and arm64: use one of those.',
  ],
};

/** What was tried, why it did not do, and what to do about it. */
function notFound(attempts: readonly Attempt[]): Error {
  const machine = `${process.platform}-${process.arch}, Node ${process.versions.node}`;
  const troubles = attempts.length === 0 ? (['unsupported'] as const) : ([...kinds(attempts), 'always'] as const);
  const lines = [
    attempts.length === 0
      ? `lipia has no native addon for this machine (${machine}).`
      : `lipia could not load its native addon (${machine}).`,
    ...attempts.map(({ where, told }) => `- ${where} ${told}.`),
    'What to do:',
    ...troubles.flatMap((trouble) => ADVICE[trouble]).map((advice) => `- ${advice}`),
  ];
  const cause = attempts.find(({ trouble }) => trouble === 'refused')?.cause;
  const error = new Error(lines.join('\n'), cause === undefined ? undefined : { cause });
  return Object.assign(error, { code: 'LIPIA_ADDON_NOT_FOUND' });
}

function kinds(attempts: readonly Attempt[]): Set<Attempt['trouble']> {
  return new Set(attempts.map(({ trouble }) => trouble));
}
