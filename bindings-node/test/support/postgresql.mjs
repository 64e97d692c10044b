/** A PostgreSQL of the tests' own: on loopback, on a free port, in a folder that is thrown away. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './ports.mjs';

const INSTALLED = '/usr/lib/postgresql';
/** How long a server may take to start. */
const START_LIMIT_MS = 60_000;

/** Where one of PostgreSQL's programs is. `.ci/postgresql` installs them. */
function program(name) {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a)) : [];
  const places = versions.map((version) => path.join(INSTALLED, version, 'bin', name));
  return places.find((place) => existsSync(place)) ?? name;
}

/** A command as a user under which PostgreSQL runs: it refuses root. */
const asAUser = (command) => (process.getuid() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command);

function run([command, ...rest], cwd) {
  return execFileSync(command, rest, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Starts a server. `address` is a ledger's, `stop` ends the server and removes its folder. */
export async function startPostgresql() {
  const folder = mkdtempSync(path.join(tmpdir(), 'lipia-postgresql-'));
  if (process.getuid() === 0) run(['chown', 'postgres', folder]);
  const data = path.join(folder, 'data');
  run(asAUser([program('initdb'), '-A', 'trust', '-U', 'shop', '--no-sync', '-D', data]), folder);
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${folder}`];
  const started = asAUser([program('postgres'), '-D', data, ...settings.flatMap((setting) => ['-c', setting])]);
  const server = spawn(started[0], started.slice(1), { cwd: folder, stdio: 'ignore' });
  const ended = once(server, 'exit');
  const stop = async () => {
    if (server.exitCode === null) run(asAUser([program('pg_ctl'), 'stop', '-m', 'immediate', '-D', data]), folder);
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_LIMIT_MS;
  while (!isReady(port)) {
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error('PostgreSQL did not start');
    }
    await sleep(50);
  }
  return { address: `postgres://shop@127.0.0.1:${port}/postgres?sslmode=disable`, stop };
}

function isReady(port) {
  try {
    run([program('pg_isready'), '-q', '-h', '127.0.0.1', '-p', String(port), '-U', 'shop']);
    return true;
  } catch {
    return false;
  }
}
