// Whether the search of the site finds what people look for: `search.mjs search_index.json`. The index is searched as the theme's own
// worker does it: the same fields, weights and pipeline, each word as the beginning of a word, and more for a section with all words.
import { readFileSync } from 'node:fs';
import lunr from 'lunr';

// What somebody types, and the pages that may come first.
const SEARCHES = [
  ['2001 mpesa', ['codes/result/2001/']],
  ['mpesa result code 2001', ['codes/result/2001/']],
  ['initiator information is invalid', ['codes/result/2001/', 'troubleshooting/']],
  ['callback not received', ['troubleshooting/']],
  ['1037', ['codes/result/1037/', 'troubleshooting/']],
  ['DS timeout user cannot be reached', ['codes/result/1037/', 'troubleshooting/']],
  ['404.001.03', ['codes/daraja/404.001.03/', 'troubleshooting/']],
  ['invalid access token', ['codes/daraja/404.001.03/', 'codes/daraja/404.001.04/', 'codes/daraja/401.002.01/', 'troubleshooting/']],
  ['400.002.02', ['codes/daraja/400.002.02/', 'troubleshooting/']],
  ['wrong credentials', ['codes/daraja/500.001.1001/', 'troubleshooting/']],
  ['transaction is being processed', ['codes/daraja/500.001.1001/', 'troubleshooting/']],
  ['ledger_locked', ['codes/lipia/ledger_locked/', 'troubleshooting/']],
  ['go live', ['go-live/']],
  ['going live checklist', ['go-live/']],
];

const { config, docs } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const separator = new RegExp(config.separator);
const wordsOf = (text) => text.replace(/<[^>]*>/g, ' ').toLowerCase().split(separator).filter(Boolean);
const index = lunr(function () {
  this.tokenizer = (text) => (Array.isArray(text) ? text : wordsOf(`${text ?? ''}`)).map((word) => new lunr.Token(`${word}`, {}));
  for (const name of ['trimmer', 'stopWordFilter', 'stemmer']) {
    if (config.pipeline.includes(name)) continue;
    this.pipeline.remove(lunr[name]);
    this.searchPipeline.remove(lunr[name]);
  }
  this.ref('location');
  this.field('title', { boost: 1e3 });
  this.field('text');
  this.field('tags', { boost: 1e6, extractor: ({ tags = [] }) => tags.join(' ') });
  for (const doc of docs) this.add(doc, { boost: doc.boost ?? 1 });
});

function first(query) {
  const words = query.split(/\s+/);
  const scores = new Map();
  for (const { ref, score, matchData } of index.search(words.map((word) => `${word}*`).join(' '))) {
    const found = Object.keys(matchData.metadata);
    const hasAll = words.every((word) => found.some((term) => term.startsWith(word.toLowerCase())));
    const boost = Number(!ref.includes('#')) + Number(hasAll);
    const page = ref.split('#')[0];
    scores.set(page, Math.max(scores.get(page) ?? 0, score * (1 + boost ** 2)));
  }
  return [...scores].sort(([, left], [, right]) => right - left)[0]?.[0];
}

let wrong = 0;
for (const [query, pages] of SEARCHES) {
  const found = first(query);
  if (pages.includes(found)) continue;
  wrong += 1;
  console.error(`a search for "${query}" finds ${found}, and not ${pages.join(' or ')}`);
}
console.log(`${SEARCHES.length} searches, ${wrong} wrong`);
process.exitCode = wrong > 0 ? 1 : 0;
