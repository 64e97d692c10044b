// Node's own fetch by hand: the token and the body are made once, the answer's JSON is read.
import * as sale from './sale.mjs';

export async function make(where) {
  const init = { method: 'POST', headers: sale.headers(await sale.token(where)), body: sale.body(where) };
  return { url: where.baseUrl + sale.PUSH_PATH, init };
}

export async function push({ url, init }) {
  const response = await fetch(url, init);
  return sale.accepted(await response.json());
}
