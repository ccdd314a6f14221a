import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonValue } from './entity.ts'
import { mergePatch } from './merge-patch.ts'

// The examples of RFC 7396, appendix A.
test.each<[JsonValue, JsonValue, JsonValue]>([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j patched by %j is %j', (value, patch, expected) => {
  expect(mergePatch(value, patch)).toEqual(expected)
})

test('a key that an object inherits is merged like any other', () => {
  expect(mergePatch({}, { constructor: { a: 1 } })).toEqual({ constructor: { a: 1 } })
})

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
const { json } = fc.letrec<{ json: JsonValue; leaf: JsonValue; object: JsonValue }>((tie) => ({
  leaf: fc.constantFrom<JsonValue>(null, 1, 'a', true, [], [null]),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('json'), { maxKeys: 3 }),
  json: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('object')),
}))

test(`a patch is done once: applied again, it changes nothing (seed ${seed})`, () => {
  fc.assert(
    fc.property(json, json, (value, patch) => {
      const once = mergePatch(value, patch)
      expect(mergePatch(once, patch)).toEqual(once)
    }),
    { seed },
  )
})

test(`keys that a patch does not name keep their value (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), json), json, (value, patch) => {
      fc.pre(typeof patch === 'object' && patch !== null && !Array.isArray(patch))
      const merged = mergePatch(value, patch)
      for (const key of Object.keys(value)) {
        if (!Object.hasOwn(patch, key)) expect(merged).toHaveProperty(key, value[key])
      }
    }),
    { seed },
  )
})
