import { expect, test } from 'vitest'
import { shortName } from './short-name.ts'

test.each([
  ['Visby Marina', 'visby-marina'],
  ['Gråhamn Båtar & Söner', 'grahamn-batar-soner'],
  ['Straße 7', 'strasse-7'],
  ['  acme', 'acme'],
  ['visby-', 'visby-'],
  ['日本', ''],
])('%j is typed as %j', (typed, name) => {
  expect(shortName(typed)).toBe(name)
})

test('a short name stays as it is while it is typed on', () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  let state = seed
  const next = (max: number): number => (state = (state * 48_271) % 2_147_483_647) % max
  for (let turn = 0; turn < 500; turn += 1) {
    const typed = Array.from({ length: 1 + next(80) }, () => String.fromCodePoint(32 + next(700))).join('')
    const name = shortName(typed)
    expect([name, shortName(name)], `seed ${seed}`).toEqual([name, name])
    expect(name, `seed ${seed}`).toMatch(/^(?:[a-z0-9][a-z0-9-]{0,63})?$/)
  }
})
