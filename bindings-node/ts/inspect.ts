/** The form in which `console.log` shows objects. */

/** The name of the method that Node shows an object by. @internal */
export const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** An object's fields, but for those that are for nobody's log. @internal */
export function inspected(object: object, hidden: readonly string[]): object {
  const fields = Object.entries(object).filter(([name]) => !hidden.includes(name));
  const copy = Object.create(Object.getPrototypeOf(object) as object) as object;
  Object.defineProperty(copy, INSPECT, { value: undefined });
  return Object.assign(copy, Object.fromEntries(fields));
}
