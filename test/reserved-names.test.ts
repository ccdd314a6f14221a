// Pages that list names list those of the code.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { reservedNounNames } from 'digital-objects'
import { expect, test } from 'vitest'

test('the page about own Nouns lists the reserved names', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../docs/own-nouns.md'), 'utf8')
  const [, listed = ''] = /are, in any case: ([^.]*), and names that/.exec(page) ?? []
  expect(listed.split(/,\s+/)).toEqual(reservedNounNames)
})
