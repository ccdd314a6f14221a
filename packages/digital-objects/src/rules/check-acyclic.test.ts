import { expect, test } from 'vitest'
import { ObjectError } from '../base/object-error.ts'
import { checkedSchema } from '../noun/check-definition.ts'
import { makeNoun } from '../noun/noun.ts'
import { checkAcyclic } from './check-acyclic.ts'

const fields = { name: 'string?', inside: '-> Box.contents', shelves: '-> Shelf.boxes', all: '-> Box.lists[]' } as const
const { $schema: box } = makeNoun('Box', { fields, bounds: ['acyclic inside'] })
const idOf = (at: number): string => `box_${String(at).padStart(12, '0')}`

function codeOf(above: ReadonlyMap<string, string>, id: string, inside: string): string {
  try {
    checkAcyclic(box, {
      operation: 'Box.update',
      id,
      before: {},
      fields: { inside },
      read: (other) => (above.has(other) ? { inside: above.get(other) ?? '' } : {}),
    })
    return 'ok'
  } catch (error) {
    return error instanceof ObjectError ? `${error.code} ${error.message}` : String(error)
  }
}

test('a circle is refused, one from before the rule is left alone, and a chain has at most 1,000 levels', () => {
  const chain = new Map(Array.from({ length: 1_500 }, (_, at) => [idOf(at), idOf(at + 1)]))
  expect(codeOf(chain, idOf(2_000), idOf(600))).toBe('ok')
  expect(codeOf(chain, idOf(1_500), idOf(1_490))).toContain(`would put '${idOf(1_500)}' under itself`)
  expect(codeOf(chain, idOf(2_000), idOf(400))).toContain('has more than 1000 levels above it')
  const circle = new Map([
    [idOf(1), idOf(2)],
    [idOf(2), idOf(1)],
  ])
  expect(codeOf(circle, idOf(3), idOf(1))).toBe('ok')
})

test('a definition names a single reference to its own Noun', () => {
  const placeOf = (bound: string | { readonly rule: string; readonly while: { field: string; values: string[] } }) => {
    try {
      checkedSchema('Box', { fields, bounds: [bound] })
      return 'ok'
    } catch (error) {
      return error instanceof ObjectError ? error.field : String(error)
    }
  }
  expect(placeOf('acyclic inside')).toBe('ok')
  for (const name of ['name', 'shelves', 'all', 'missing']) expect(placeOf(`acyclic ${name}`)).toBe('bounds[0]')
  expect(placeOf({ rule: 'acyclic inside', while: { field: 'name', values: ['x'] } })).toBe('bounds[0]')
})
