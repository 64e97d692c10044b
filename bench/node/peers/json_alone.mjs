// JSON.parse alone, nothing looked at: no reader of callbacks, and a floor for those that begin with it.

export function parse(body) {
  return JSON.parse(typeof body === 'string' ? body : body.toString('utf8'));
}
