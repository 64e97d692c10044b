// The packages that hold the addon, one a platform, laid out as napi-rs does: npm installs the one whose os, cpu and libc
// are the machine's. The list is that of package.json; ts/load-addon.ts and .ci/node-addon have it too, and a test
// compares them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** package.json as it stands in this tree. */
export const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

const CPUS = { x86_64: 'x64', aarch64: 'arm64' };
const SYSTEMS = {
  'unknown-linux-gnu': { os: 'linux', abi: 'gnu', libc: 'glibc', called: 'Linux with glibc' },
  'unknown-linux-musl': { os: 'linux', abi: 'musl', libc: 'musl', called: 'Linux with musl' },
  'apple-darwin': { os: 'darwin', called: 'macOS' },
  'pc-windows-msvc': { os: 'win32', abi: 'msvc', called: 'Windows' },
};

/** What npm calls the platform of a Rust target, and what a package for it says of itself. */
function platformOf(target) {
  const [architecture, ...rest] = target.split('-');
  const system = SYSTEMS[rest.join('-')];
  const cpu = CPUS[architecture];
  const name = [system.os, cpu, system.abi].filter(Boolean).join('-');
  return { name, target, package: `lipia-${name}`, file: `lipia.${name}.node`, cpu, ...system };
}

/** Every platform that is published for. */
export const PLATFORMS = manifest.napi.targets.map(platformOf);

/** package.json of the package that people install: what only this tree needs is left out, the addons are added. */
export function mainManifest() {
  const { private: _, napi, scripts, devDependencies, ...kept } = manifest;
  const addons = PLATFORMS.map((platform) => [platform.package, manifest.version]);
  return { ...kept, optionalDependencies: Object.fromEntries(addons) };
}

/** package.json of the package with the addon for a platform. */
export function platformManifest(platform) {
  const { version, license, repository, homepage, bugs, engines, keywords } = manifest;
  return {
    name: platform.package,
    version,
    description: `The native addon of the package lipia for ${platform.called}, ${platform.cpu}`,
    keywords,
    license,
    repository,
    homepage,
    bugs,
    engines,
    main: platform.file,
    files: [platform.file, 'LICENSE*'],
    os: [platform.os],
    cpu: [platform.cpu],
    ...(platform.libc && { libc: [platform.libc] }),
    // Yarn keeps packages as archives, from which no system loads a library.
    preferUnplugged: true,
  };
}

/** The page of the package with the addon for a platform. */
export function platformReadme(platform) {
  return `# ${platform.package}

The native addon of [lipia](${manifest.homepage}) for ${platform.called}, ${platform.cpu}. Install \`lipia\`: it brings this package along.
`;
}
