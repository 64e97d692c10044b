/** The native addon, loaded, and what crosses the border: plain data in and out, as JSON text. */

import type { Addon } from './addon';
import { loadAddon } from './load-addon';

export type { NativeCalls, NativeClient, NativePayment, NativeSandbox, NativeWatch, OrRefusal } from './addon';

/** What an error crosses the border as. */
export interface ErrorData {
  kind: string;
  disposition: string;
  code: string;
  message: string;
  hint: string | null;
  /** Both with code as JavaScript writes it; missing where the error was saved. */
  spelled_message?: string;
  spelled_hint?: string | null;
  field: string | null;
  http_status: number | null;
  request_id: string | null;
  checkout_request_id: string | null;
  payment_id?: string | null;
  customer_message: { en: string; sw: string };
  retry_after_seconds: number | null;
  retryable: boolean;
  remedy: string;
  /** What lies beneath it, the nearest first. */
  causes: string[];
}

/** What became of a call: JSON of one of the two. */
export type Answer = { ok: unknown } | { error: ErrorData };

export const addon: Addon = loadAddon();
