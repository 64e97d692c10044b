/** Taking turns. */

/**
 * Work on one payment at a time: two callbacks for it take turns in this process, so that a store which does not compare
 * is right as long as there is one process. @internal
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does the work once everything that came before it under that key has ended. */
  async of<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const turn = before === undefined ? work() : before.then(work, work);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
