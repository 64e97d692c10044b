// A worker of program.mjs.
import { parentPort, workerData } from 'node:worker_threads';
import { Daraja } from 'lipia';

const acceptance = await new Daraja(workerData.settings).stkPush(workerData.sale);
parentPort.postMessage(acceptance.gateway);
