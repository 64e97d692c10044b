// JSON.parse alone, nothing looked at: no reader of callbacks, and a floor for those that begin with it.

export const version = `V8 ${process.versions.v8}`;

export function parse(body) {
  return JSON.parse(typeof body === 'string' ? body : body.toString('utf8'));
}
