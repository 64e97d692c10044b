/** The table of M-Pesa's result codes. */

import { textOf } from './arguments';
import { takenNow } from './calls';
import { addon } from './native';
import type { Confidence, Fault, Outcome } from './words';

/** A row of the table of M-Pesa's result codes. */
export interface ResultCode {
  /** The code, as text: some have letters. `*` is the row for any other code. */
  readonly code: string;
  /** The outcome of the push. */
  readonly outcome: Outcome;
  /** Whether no later answer for the same push is expected to change the outcome. */
  readonly isFinal: boolean;
  /** The side on which the cause lies. */
  readonly fault: Fault;
  /** What the code means, for the developer. */
  readonly meaning: string;
  /** What to do next, for the developer. */
  readonly advice: string;
  /** A sentence for the payer, in English. */
  readonly customerMessageEn: string;
  /** A sentence for the payer, in Swahili. */
  readonly customerMessageSw: string;
  /** How well the meaning is known. Safaricom does not publish a complete list. */
  readonly confidence: Confidence;
}

interface ResultCodeData {
  code: string;
  outcome: Outcome;
  final: boolean;
  fault: Fault;
  meaning: string;
  advice: string;
  customer_message_en: string;
  customer_message_sw: string;
  confidence: Confidence;
}

function resultCodeOf(data: ResultCodeData): ResultCode {
  return Object.freeze({
    code: data.code,
    outcome: data.outcome,
    isFinal: data.final,
    fault: data.fault,
    meaning: data.meaning,
    advice: data.advice,
    customerMessageEn: data.customer_message_en,
    customerMessageSw: data.customer_message_sw,
    confidence: data.confidence,
  });
}

/**
 * The meaning of a result code: its row of the table. A code that the table does not have gets the row of `outcome` where that
 * is given, else the row `*`.
 *
 * @example
 * describe(1032).outcome // 'cancelled'
 * describe('', 'cancelled').customerMessageEn // 'You cancelled the payment. …'
 */
export function describe(code: string | number, outcome?: Outcome): ResultCode {
  const [row] = takenNow(addon.describe(textOf('code', code), outcome ?? null)) as [ResultCodeData, boolean];
  return resultCodeOf(row);
}

/** Whether the table has a row for this code. */
export function isKnownStkResultCode(code: string | number): boolean {
  const [, isKnown] = takenNow(addon.describe(textOf('code', code), null)) as [ResultCodeData, boolean];
  return isKnown;
}

let rows: readonly ResultCode[] | undefined;

/** Every row of the table of result codes. */
export function resultCodes(): readonly ResultCode[] {
  rows ??= Object.freeze((takenNow(addon.resultCodes()) as ResultCodeData[]).map(resultCodeOf));
  return rows;
}
