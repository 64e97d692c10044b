// What a run found, as text. Pure.

/** A time as a person reads it. */
export function seconds(value) {
  return value < 0.001 ? `${(value * 1e6).toFixed(1)} us` : `${(value * 1e3).toFixed(1)} ms`;
}

/** A ratio as a person reads it. */
export function times(value) {
  return value.toFixed(value >= 0.1 ? 2 : 3);
}

/** A size as a person reads it. */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

/** A row that compares, with what was asked of it. */
export function ratioRow(subject, ratio, { atMost, unit = seconds } = {}) {
  return {
    subject,
    figure: `${times(ratio.middle)}x`,
    detail:
      `${times(ratio.least)} to ${times(ratio.most)} in ${ratio.rounds} rounds; ` +
      `${unit(ratio.candidate)} against ${unit(ratio.base)}`,
    asked: atMost === undefined ? undefined : `at most ${atMost}x`,
    isMet: atMost === undefined ? undefined : ratio.middle <= atMost,
    numbers: ratio,
  };
}

/** Why there is no figure. */
export function failureRow(subject, reason) {
  return { subject, figure: '-', detail: `not measured: ${reason}`, numbers: { failed: String(reason) } };
}

/** A section as a table. */
export function asText({ title, rows }) {
  const width = (column) => Math.max(0, ...rows.map((row) => row[column].length));
  const [subject, figure] = [width('subject'), width('figure')];
  const lines = rows.map((row) => {
    const asked = row.asked === undefined ? '' : `(asked: ${row.asked}${row.isMet ? '' : ': NOT MET'})`;
    const cells = [row.subject.padEnd(subject), row.figure.padStart(figure), row.detail ?? '', asked];
    return `  ${cells.filter((cell) => cell !== '').join('  ')}`.trimEnd();
  });
  return [title, ...lines].join('\n');
}
