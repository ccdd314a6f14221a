import { expect, test } from 'vitest'
import { nouns } from '../nouns/all-nouns.ts'
import { parseNoun } from '../noun/parse-noun.ts'
import { visibleSchema } from './visible-schema.ts'

test('whatever is hidden of a built-in type, what remains is a definition that clients can use', () => {
  const faults: string[] = []
  for (const { $schema: schema } of Object.values(nouns)) {
    for (const hidden of [undefined, ...Object.keys(schema.fields)]) {
      const seen = visibleSchema(schema, {
        isHidden: (noun, field) => noun === schema.name && field === hidden,
        isReadable: () => true,
      })
      try {
        parseNoun(schema.name, JSON.parse(JSON.stringify(seen.definition)))
      } catch (error) {
        faults.push(`${schema.name} without ${hidden}: ${String(error)}`)
      }
    }
  }
  expect(faults).toEqual([])
})
