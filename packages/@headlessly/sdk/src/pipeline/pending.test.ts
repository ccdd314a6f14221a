import { nouns } from 'digital-objects'
import { expect, test } from 'vitest'

test('no field is named as what is done to lists, or to promises', () => {
  const taken = ['map', 'filter', 'flatMap', 'find', 'some', 'every', 'reduce', 'sort', 'slice', 'length']
  const fields = Object.values(nouns).flatMap(({ $name, $schema }) =>
    Object.keys($schema.fields).map((field) => [$name, field] as const),
  )
  expect(fields.length).toBeGreaterThan(300)
  expect(fields.filter(([, field]) => [...taken, 'then', 'catch', 'finally'].includes(field))).toEqual([])
})
