/** Plays every story of `core/scenarios`: the same stories that every other language plays. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { core, REPOSITORY } from './support/repository.mjs';
import { play, SAFE, THROWING } from './support/story.mjs';

const FOLDER = path.join(REPOSITORY, 'core', 'scenarios');

/** How many stories each file had when this was last looked at. */
const LEAST = { pushes: 31, input: 13, tokens: 14, outcomes: 39, callbacks: 31, waits: 18, gateways: 43, queries: 4 };

/** How many stories are played at a time. Each has a sandbox of its own, and most of it is waiting. */
const AT_A_TIME = 6;

const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => path.basename(name, '.json'));
const files = names.map((name) => ({ name, stories: JSON.parse(core('scenarios', `${name}.json`)) }));

test('no story is lost', () => {
  assert.deepEqual([...names].sort(), Object.keys(LEAST).sort());
  for (const { name, stories } of files) {
    assert.ok(stories.length >= LEAST[name], `${name} has lost stories: ${stories.length}`);
    assert.equal(new Set(stories.map((story) => story.name)).size, stories.length);
  }
});

for (const style of [THROWING, SAFE]) {
  describe(`a story comes out as told through the ${style.name}`, { concurrency: AT_A_TIME }, () => {
    for (const { name, stories } of files) {
      for (const story of stories) test(`${name}: ${story.name}`, () => play(story, style));
    }
  });
}
