/** The platform of this machine, as the names of the addon's packages spell it. */

import { closeSync, openSync, readSync } from 'node:fs';

/** The part of Node's `process` that says so. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly execPath: string;
}

/** How `lipia-…` and `lipia.….node` end, of every platform that there is an addon for. */
const PLATFORMS = [
  'linux-x64-gnu',
  'linux-arm64-gnu',
  'linux-x64-musl',
  'linux-arm64-musl',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64-msvc',
  'win32-arm64-msvc',
] as const;

export type Platform = (typeof PLATFORMS)[number];

const ENDS: Readonly<Record<string, string>> = { darwin: '', win32: '-msvc' };

/** The platforms whose addon may run here, the likeliest first; none where there is no addon for this machine. */
export function platformsOf(machine: Machine): Platform[] {
  const start = `${machine.platform}-${machine.arch}`;
  const ends =
    machine.platform === 'linux' ? endsOnLinux(interpreterOf(machine.execPath)) : [ENDS[machine.platform] ?? ''];
  return ends.map((end) => start + end).filter((name): name is Platform => PLATFORMS.includes(name as Platform));
}

/** The program that loads Node tells which C library it runs on. A Node that is linked statically has no such program. */
function endsOnLinux(interpreter: string | null): string[] {
  if (interpreter === null) return ['-gnu', '-musl'];
  return [interpreter.includes('ld-musl-') ? '-musl' : '-gnu'];
}

/** How much of an executable is read: its headers and, in all that are known, the name of its interpreter. */
const HEADERS = 4096;
const LONGEST_NAME = 4096;
const PT_INTERP = 3;

/** How a 64-bit little-endian ELF file begins. */
const ELF = 0x7f454c46;
const OF_64_BITS_FROM_THE_LEAST = 0x0201;

/** The interpreter that a 64-bit little-endian ELF file names, if it is one and names one. */
function interpreterOf(file: string): string | null {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return null;
  }
  try {
    const head = read(descriptor, 0, HEADERS);
    if (head.getUint32(0) !== ELF || head.getUint16(4) !== OF_64_BITS_FROM_THE_LEAST) return null;
    const table = Number(head.getBigUint64(32, true));
    const size = head.getUint16(54, true);
    for (let place = 0; place < head.getUint16(56, true); place += 1) {
      const entry = table + place * size;
      if (head.getUint32(entry, true) !== PT_INTERP) continue;
      const length = Math.min(Number(head.getBigUint64(entry + 32, true)), LONGEST_NAME);
      const name = read(descriptor, Number(head.getBigUint64(entry + 8, true)), length);
      return String.fromCharCode(...new Uint8Array(name.buffer, 0, name.byteLength));
    }
  } catch {
    // It is cut off or no ELF file at all.
  } finally {
    closeSync(descriptor);
  }
  return null;
}

// Not a Buffer: its methods are compiled when they are first called, which takes longer than all the rest of this.
function read(descriptor: number, position: number, length: number): DataView {
  const bytes = new Uint8Array(length);
  return new DataView(bytes.buffer, 0, readSync(descriptor, bytes, 0, length, position));
}
