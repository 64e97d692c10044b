/** What machine this is, in the words that the packages with the addon are named by. */

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
    if (head.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return null;
    const table = Number(head.readBigUInt64LE(32));
    const size = head.readUInt16LE(54);
    for (let place = 0; place < head.readUInt16LE(56); place += 1) {
      const entry = table + place * size;
      if (head.readUInt32LE(entry) !== PT_INTERP) continue;
      const length = Math.min(Number(head.readBigUInt64LE(entry + 32)), LONGEST_NAME);
      return read(descriptor, Number(head.readBigUInt64LE(entry + 8)), length).toString('latin1');
    }
  } catch {
    // It is cut off or no ELF file at all.
  } finally {
    closeSync(descriptor);
  }
  return null;
}

function read(descriptor: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, length, position));
}
