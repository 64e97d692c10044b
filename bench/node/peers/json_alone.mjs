// JSON.parse alone, without any checks: the floor for every reader of callbacks that begins with it.

export const version = `V8 ${process.versions.v8}`;

export function parse(body) {
  return JSON.parse(typeof body === 'string' ? body : body.toString('utf8'));
}
