/** Waiting in tests: for a condition, never for a time. */

import assert from 'node:assert/strict';

/** How long anything on this machine may take before a test gives up on it, in milliseconds. */
export const PATIENCE = 30_000;

/** Gives everything that is due a turn. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until something holds that comes about by itself. */
export async function eventually(what, holds) {
  const deadline = performance.now() + PATIENCE;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `it never came about that ${what}`);
    await pause(2);
  }
}

/** What a promise comes to, as long as it comes to it in this time. */
export async function inTime(what, promise, milliseconds = PATIENCE) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `${what} took too long` })), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The next warning of Node's that says this. Others may come before it. */
export function warningOf(words) {
  return new Promise((resolve) => {
    process.on('warning', function look(warning) {
      if (!words.test(warning.message)) return;
      process.off('warning', look);
      resolve(warning);
    });
  });
}
