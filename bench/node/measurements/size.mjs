// What is installed: the addon with the sandbox and the command line in it, and the package around it.
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { megabytes } from '../report.mjs';

const MOST = 4.5e6;

export async function measure() {
  const folder = path.join(process.env.LIPIA_NODE_PACKAGE, 'dist');
  const sizeOf = (name) => statSync(path.join(folder, name)).size;
  const addon = process.env.LIPIA_NODE_ADDON;
  const size = statSync(addon).size;
  const rest = readdirSync(folder).filter((name) => !name.endsWith('.node'));
  const code = rest.filter((name) => /\.m?js$/.test(name)).reduce((sum, name) => sum + sizeOf(name), 0);
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
