// The shop's own orders: a folder of files, each of which is made once, whichever process makes it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/** What is sold, in KES. */
const PRICES = { coffee: 150, samosa: 50, chapati: 30 };

/** An order's id, which M-Pesa shows to the customer. */
const ID = /^[A-Z0-9]{1,12}$/;

export class Orders {
  #folder;

  constructor(folder) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** The order of that id: the one that was placed before, or a new one. `undefined` for what is not sold. */
  place(id, item) {
    if (!ID.test(id) || !Object.hasOwn(PRICES, item)) return undefined;
    this.#once(`${id}.order`, item);
    const ordered = readFileSync(this.#file(`${id}.order`), 'utf8');
    return { id, item: ordered, price: PRICES[ordered] };
  }

  /** Hands the goods over, once. A receipt that is learnt later is noted. */
  markPaid(id, receipt) {
    if (this.#once(`${id}.paid`, '')) console.info(`order ${id}: paid`);
    if (receipt !== null) writeFileSync(this.#file(`${id}.receipt`), receipt);
  }

  isPaid(id) {
    return existsSync(this.#file(`${id}.paid`));
  }

  receipt(id) {
    const file = this.#file(`${id}.receipt`);
    return ID.test(id) && existsSync(file) ? readFileSync(file, 'utf8') : null;
  }

  #file(name) {
    return `${this.#folder}/${name}`;
  }

  /** Whether the file was not there before. */
  #once(name, text) {
    try {
      writeFileSync(this.#file(name), text, { flag: 'wx' });
      return true;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      return false;
    }
  }
}
