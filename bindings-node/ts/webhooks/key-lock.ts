/** A lock for each key. */

/**
 * Locks by key, in this process: two callbacks for one payment are taken in one after the other. So a store which does not
 * compare revisions is right as long as there is one process. @internal
 */
export class KeyLock {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does the work once all earlier work under its key has ended. */
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
