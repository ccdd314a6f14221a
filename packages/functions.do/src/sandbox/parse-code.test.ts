import { expect, test } from 'vitest'
import { parseCode } from './parse-code.ts'

test.each([
  'async ($) => 1',
  '$ => $.tenant',
  '_a1=>1',
  '($, { least }) => least',
  'async $ => 1',
  'function ($) { return 1 }',
  'async function named($) { return 1 }',
  'function named($) { return /=>/ }',
  '// told before\n/* and ** here */ ($) => 1',
  '(function ($) { return 1 })',
])('%j is accepted unchanged', (code) => {
  expect(parseCode(code)).toBe(code)
})

test('the surroundings of a function in a file are removed, and line numbers stay the same', () => {
  expect(parseCode('// a file\n\nexport default async ($) =>\n  1;\n')).toBe('// a file\n\n async ($) =>\n  1')
})

test.each([
  undefined,
  42,
  '',
  '  ',
  '42',
  '(42)',
  '"() => 1"',
  'class A { m() { return () => 1 } }',
  'run($) { return () => 1 }',
  'function* ($) { yield 1 }',
  'async function * ($) { yield 1 }',
  'const f = () => 1',
  'import x from "y"; export default () => x',
  'function bound() { [native code] }',
  'asyncx ($) => 1',
])('%j is refused, since it is not a function', (code) => {
  expect(() => parseCode(code)).toThrow(expect.objectContaining({ code: 'invalid_body', field: 'code' }))
})

test('code of 64 KiB is accepted, and one byte more is refused', () => {
  const code = (bytes: number): string => `() => '${'é'.repeat((bytes - 8) / 2)}'`
  expect(parseCode(code(65_536))).toHaveLength(8 + 65_528 / 2)
  expect(() => parseCode(`${code(65_536)} `)).toThrow(expect.objectContaining({ code: 'payload_too_large' }))
})

test('a long string that is not a function is refused at once', () => {
  const beganAtMs = performance.now()
  for (const text of ['/*'.repeat(30_000), ' \n'.repeat(30_000), '//\n'.repeat(20_000), 'a'.repeat(60_000)])
    expect(() => parseCode(text)).toThrow(expect.objectContaining({ field: 'code' }))
  expect(performance.now() - beganAtMs).toBeLessThan(1_000)
})
