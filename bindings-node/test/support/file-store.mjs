// Payments in files, which several processes share: what a table does with one UPDATE, a lock does here.
import { mkdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

export class FileStore {
  constructor(folder) {
    this.folder = folder;
  }

  #file(paymentId, kind) {
    return path.join(this.folder, `${paymentId}.${kind}`);
  }

  async load(paymentId) {
    const row = await this.#row(paymentId);
    return row?.text ?? null;
  }

  async #row(paymentId) {
    try {
      return JSON.parse(await readFile(this.#file(paymentId, 'json'), 'utf8'));
    } catch (error) {
      if (error.code === 'ENOENT') return null;
      throw error;
    }
  }

  async insert(payment) {
    const row = { revision: payment.revision, text: payment.serialize() };
    const written = this.#file(payment.id, `${process.pid}.part`);
    await writeFile(written, JSON.stringify(row));
    await rename(written, this.#file(payment.id, 'json'));
  }

  async save(payment, loaded) {
    const lock = this.#file(payment.id, 'lock');
    while (!(await made(lock))) await new Promise((resolve) => setTimeout(resolve, 1));
    try {
      const row = await this.#row(payment.id);
      if (row?.revision !== loaded.revision) return false;
      await this.insert(payment);
      return true;
    } finally {
      await rmdir(lock);
    }
  }
}

async function made(lock) {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}
