// Node's own fetch by hand: the token and the body are made once, the answer's JSON is read.
import * as sale from './sale.mjs';

export const version = `undici ${process.versions.undici ?? 'of unknown version'}`;

export async function make(where) {
  const init = { method: 'POST', headers: sale.headers(await sale.token(where)), body: sale.body(where) };
  // A signal that times out costs, and is made only where it will be needed.
  const signal = where.timeout_seconds < 30 ? () => AbortSignal.timeout(where.timeout_seconds * 1000) : () => undefined;
  return { url: where.base_url + sale.PUSH_PATH, init, signal };
}

export async function push({ url, init, signal }) {
  const response = await fetch(url, { ...init, signal: signal() });
  return sale.accepted(await response.json());
}
