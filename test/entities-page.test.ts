// The page of the entities says what the Nouns say.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { nouns } from 'digital-objects'
import { expect, test } from 'vitest'
import { entitiesPage } from '../docs/entities-page.ts'

const page = readFileSync(resolve(import.meta.dirname, '../docs/entities.md'), 'utf8')

test('docs/entities.md is current: npm run docs:entities makes it again', () => {
  expect(page).toBe(entitiesPage())
})

test('the page has a section for each entity, and a row with a description for each field and verb', () => {
  const sections = new Map(
    page
      .split(/^### /m)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf('\n')), text]),
  )
  expect([...sections.keys()]).toEqual(Object.keys(nouns))
  for (const { $name, $definition } of Object.values(nouns)) {
    for (const [name, text] of Object.entries<string | null>($definition)) {
      const row = new RegExp(`^\\| \`${name}\` \\| .+ \\| [A-Z].+\\. \\|$`, 'm')
      if (text !== null) expect(sections.get($name), `${$name}.${name}`).toMatch(row)
    }
  }
})
