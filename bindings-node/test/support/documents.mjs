// The programs in a document.

const FENCE = /^```([^\n]*)\n(.*?)^```$/gms;

/** What a program is run as. */
function kindOf(text) {
  if (text.includes('.listen(') && text.includes('listening')) return text.includes("'/orders") ? 'server' : 'program';
  if (text.includes("from 'node:test'")) return 'tests';
  if (text.includes('beforeAll(')) return 'jest';
  return 'program';
}

/**
 * What a document says to run. A block that imports something begins a program; one that does not goes on with the one
 * before. Blocks that are marked `before` are another package's, and are not run.
 */
export function programsOf(document, markdown) {
  const programs = [];
  for (const fence of markdown.matchAll(FENCE)) {
    const [, info, text] = fence;
    const [language, mark] = info.trim().split(/\s+/);
    if (!['js', 'ts'].includes(language) || mark === 'before') continue;
    const heading =
      markdown
        .slice(0, fence.index)
        .match(/^##+ .*$/gm)
        ?.at(-1)
        ?.replace(/^#+ /, '') ?? '';
    const begins = /^import .* from |require\('/m.test(text) || programs.length === 0;
    if (begins) programs.push({ where: `${document}: ${heading}`, language, text });
    else programs.at(-1).text += text;
  }
  return programs.map((program) => ({ ...program, kind: kindOf(program.text) }));
}
