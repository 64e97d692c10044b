/** Callbacks behind a Unix socket, where addresses are listed. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import express5 from 'express';
import express4 from 'express4';
import { callbacks as forExpress } from 'lipia/express';
import { callbacks as forFetch, peerOf } from 'lipia/fetch';
import { callbacks as forNode } from 'lipia/node';
import { startSandbox } from 'lipia/sandbox';
import { darajaBody, pathOf, silent } from './support/shops.mjs';

const SAFARICOM = '196.201.214.200';
const STRANGER = '203.0.113.9';
let sandbox;
let folder;
before(async () => {
  sandbox = await startSandbox();
  folder = mkdtempSync(path.join(os.tmpdir(), 'lipia-unix-'));
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await sandbox.stop();
});

const inExpress = (express) => (client) => express().use('/pay', forExpress(client));
const MOUNTS = {
  'node:http': (client) => forNode(client),
  'Express 4': inExpress(express4),
  'Express 5': inExpress(express5),
  fetch: (client) => {
    const receive = forFetch(client, { peer: (_request, { incoming }) => peerOf(incoming) });
    return getRequestListener((request, environment) => receive(request, environment));
  },
};

/** Posts through a socket; the status. */
async function post(socketPath, url, body, forwarded) {
  const headers = {
    host: 'shop.example.co.ke',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  if (forwarded !== undefined) headers['x-forwarded-for'] = forwarded;
  const request = http.request({ socketPath, path: url, method: 'POST', headers, agent: false });
  request.end(body);
  const [response] = await once(request, 'response');
  response.resume();
  return response.statusCode;
}

for (const [name, mount] of Object.entries(MOUNTS)) {
  test(`behind a Unix socket the proxy counts as one: ${name}`, async (t) => {
    const client = sandbox.daraja({
      callbackUrl: 'http://127.0.0.1:9/pay',
      sourceAddresses: ['published'],
      trustedProxies: ['10.0.0.0/8'],
    });
    const server = http.createServer(mount(client));
    const socketPath = path.join(folder, `${name.replace(/\W/g, '')}.sock`);
    server.listen(socketPath);
    await once(server, 'listening');
    t.after(() => server.close());
    const from = async (forwarded) => {
      const payment = client.reserve({ phoneNumber: silent(), amount: 150, accountReference: 'INV-001' });
      await client.push(payment);
      return post(socketPath, pathOf(payment), darajaBody(payment), forwarded);
    };
    assert.equal(await from(SAFARICOM), 200);
    assert.equal(await from(`${STRANGER}, ${SAFARICOM}`), 200);
    assert.equal(await from(`${STRANGER}, ${SAFARICOM}, 10.0.0.7`), 200);
    assert.equal(await from(`${SAFARICOM}, ${STRANGER}`), 403);
    assert.equal(await from(undefined), 403);
  });
}

test('a connection that has no address any more is no Unix socket', async () => {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sender = http.request({ port: server.address().port, method: 'POST', agent: false });
  sender.on('error', () => {});
  sender.write('x');
  const [request] = await once(server, 'request');
  assert.equal(peerOf(request), '127.0.0.1');
  // As a connection is that the other end has reset: the system knows no address any more.
  Object.defineProperty(request.socket, 'remoteAddress', { value: undefined });
  assert.equal(peerOf(request), undefined);
  sender.destroy();
  server.closeAllConnections();
  server.close();
  for (const odd of [{}, { socket: null }, { socket: {} }, { socket: { server: { address: () => null } } }]) {
    assert.equal(peerOf(odd), undefined);
  }
});
