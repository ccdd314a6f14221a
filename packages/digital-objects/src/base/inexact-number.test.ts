import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findInexactNumber, isExactNumeral } from './inexact-number.ts'

test.each([
  '9007199254740993',
  '-9007199254740993',
  '9007199254740993.0',
  '9.007199254740993e15',
  '12345678901234567890',
  '107711449703316671',
  '1e400',
])('%s is not exact', (text) => {
  expect(isExactNumeral(text)).toBe(false)
})

test.each([
  '0',
  '-0.0',
  '9007199254740991',
  '9007199254740992',
  '9007199254740994',
  '123456789012345680000',
  '123456789012345683968',
  '1e22',
  '1e23',
  '1.5E+300',
  '10000000000000000000000',
  '0.1',
  '0.10000000000000000555',
  '9007199254740993.5',
  '5e-324',
  '1e-400',
])('%s is exact', (text) => {
  expect(isExactNumeral(text)).toBe(true)
})

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

test(`every number that JavaScript writes is exact, in any JSON (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(findInexactNumber(JSON.stringify(value))).toBeUndefined()
    }),
    { seed, numRuns: 500 },
  )
})

test(`a whole number is exact if it survives, wherever it stands (seed ${seed})`, () => {
  const around = fc.letrec<{ json: (number: string) => { json: string; path: string[] } }>((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.constant((number: string) => ({ json: number, path: [] })),
      fc.tuple(fc.string(), tie('json'), fc.array(fc.string())).map(([key, inner, before]) => (number: string) => {
        const { json, path } = inner(number)
        const own = `own ${key}`
        const others = before.map((text, at) => `${JSON.stringify(`${at}`)} : ${JSON.stringify(text)},`).join('\n')
        return { json: `{${others} ${JSON.stringify(own)}:${json} }`, path: [own, ...path] }
      }),
      fc.tuple(fc.array(fc.jsonValue(), { maxLength: 3 }), tie('json')).map(([before, inner]) => (number: string) => {
        const { json, path } = inner(number)
        return {
          json: `${JSON.stringify(before).slice(0, -1)}${before.length > 0 ? ',' : ''}${json}]`,
          path: [String(before.length), ...path],
        }
      }),
    ),
  })).json
  fc.assert(
    fc.property(around, fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (wrap, number) => {
      const { json, path } = wrap(String(number))
      const isKept = BigInt(Number(number)) === number || String(Number(number)) === String(number)
      expect(findInexactNumber(json)).toEqual(isKept ? undefined : { path, text: String(number) })
    }),
    { seed, numRuns: 500 },
  )
})
