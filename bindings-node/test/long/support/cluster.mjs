// The shop of a recipe in a cluster of four workers. A worker that dies is replaced.

import cluster from 'node:cluster';
import { subscribe } from 'node:diagnostics_channel';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const WORKERS = 4;

if (cluster.isPrimary) {
  let isOpen = true;
  for (let worker = 0; worker < WORKERS; worker += 1) cluster.fork();
  cluster.on('listening', (worker) => process.stdout.write(`worker ${worker.process.pid}\n`));
  cluster.on('exit', () => isOpen && cluster.fork());
  // Whoever started it is gone, or has had enough.
  process.stdin.resume().on('end', () => {
    isOpen = false;
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGINT');
  });
} else {
  // Which worker a click reached, the shop does not say.
  subscribe('http.server.request.start', ({ response }) => response.setHeader('x-worker', process.pid));
  await import(pathToFileURL(path.resolve('shop.mjs')).href);
}
