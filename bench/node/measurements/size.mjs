// What is installed: the addon with the sandbox and the command line in it, and the package around it.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { megabytes } from '../report.mjs';

const MOST = 4.5e6;

export async function measure() {
  const home = process.env.LIPIA_NODE_PACKAGE;
  const folder = path.join(home, 'dist');
  const sizeOf = (name) => statSync(path.join(folder, name)).size;
  const name = readdirSync(home).find((file) => file.endsWith('.node'));
  if (name === undefined) throw new Error(`there is no addon in ${home}`);
  const addon = path.join(home, name);
  const size = statSync(addon).size;
  const code = readdirSync(folder)
    .filter((file) => /\.m?js$/.test(file))
    .reduce((sum, file) => sum + sizeOf(file), 0);
  const compressed = gzipSync(readFileSync(addon), { level: 9 }).length;
  return {
    title: 'Size',
    rows: [
      {
        subject: 'the addon',
        figure: megabytes(size),
        detail: `${megabytes(compressed)} compressed`,
        asked: `at most ${megabytes(MOST)}`,
        isMet: size <= MOST,
        numbers: { size, compressed },
      },
      { subject: 'JavaScript around it', figure: megabytes(code), detail: '', numbers: { size: code } },
    ],
  };
}
