// node:http by hand, with connections that stay: the token and the body are made once, the answer's JSON is read.
import { Agent, request } from 'node:http';
import * as sale from './sale.mjs';

export const version = `node:http of Node ${process.versions.node}`;

export async function make(where) {
  const body = Buffer.from(sale.body(where));
  const headers = { ...sale.headers(await sale.token(where)), 'Content-Length': body.length };
  // A timer for each request costs, and is set only where it will be needed.
  const timeout = where.timeout_seconds < 30 ? where.timeout_seconds * 1000 : undefined;
  const options = { agent: new Agent({ keepAlive: true }), method: 'POST', headers, timeout };
  return { url: new URL(where.base_url + sale.PUSH_PATH), options, body };
}

export function push({ url, options, body }) {
  return new Promise((resolve, reject) => {
    const asked = request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => {
        try {
          resolve(sale.accepted(JSON.parse(text)));
        } catch (error) {
          reject(error);
        }
      });
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.end(body);
  });
}
