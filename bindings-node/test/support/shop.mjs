/** A shop's web server: it hands every callback to a client and remembers what came of it. */

import { createServer } from 'node:http';
import { acceptedReply, LipiaError } from 'lipia';

/** A shop that listens on this machine. What is posted to it goes to `receive`, which is set once it has a client. */
export class Shop {
  receive = undefined;
  /** What came of each callback: what was received, or the error. */
  heard = [];
  /** What was posted: path and body. */
  requests = [];
  /** What went wrong in the shop itself. */
  mistakes = [];
  #server = createServer((request, response) => this.#take(request, response));

  static async open() {
    const shop = new Shop();
    await new Promise((resolve, reject) => {
      shop.#server.once('error', reject);
      shop.#server.listen(0, '127.0.0.1', resolve);
    });
    return shop;
  }

  /** Where it takes callbacks. */
  get callbackUrl() {
    return `http://127.0.0.1:${this.#server.address().port}/pay`;
  }

  async #take(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    response.writeHead(200, { 'content-type': 'application/json' }).end(acceptedReply());
    this.requests.push({ path: request.url, body });
    if (this.receive === undefined) return;
    try {
      this.heard.push(await this.receive(request.url, body));
    } catch (error) {
      if (error instanceof LipiaError) this.heard.push(error);
      else this.mistakes.push(error);
    }
  }

  /** What was made of every callback so far: the verdict, or the error's code. */
  get verdicts() {
    return this.heard.map((heard) => (heard instanceof LipiaError ? heard.code : heard.verdict));
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
