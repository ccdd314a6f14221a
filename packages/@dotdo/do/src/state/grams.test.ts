import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gramsOf, gramsOfPattern, manyGrams } from './grams.ts'
import { compileRegex } from './regex-engine.ts'

test.each<[pattern: string, ignoreCase: boolean, found: string, other: string]>([
  ['lovelace', false, 'Ada Lovelace', 'Ada Byron'],
  ['@example[.]com$', false, 'a@example.com', 'a@else.com'],
  ['a b-c', true, 'xA B-Cx', 'a-b c'],
  ['東京都', false, '新しい東京都庁', '東京'],
  ['ab+cde?fgh', false, 'abbcdfgh', 'abbcfg'],
  ['(x|y)planet{2}arium', false, 'xplanettarium', 'xplan'],
])('the grams of %j say where it may match', (pattern, ignoreCase, found, other) => {
  const grams = gramsOfPattern(pattern, ignoreCase)
  expect(grams.length).toBeGreaterThan(0)
  expect(grams.every((gram) => gramsOf([found]).has(gram))).toBe(true)
  expect(grams.every((gram) => gramsOf([other]).has(gram))).toBe(false)
})

test.each([
  'ab',
  'abc|def',
  '(?i)abc',
  String.raw`\Qabc\E`,
  'a?b?c?',
  '[abc]def'.slice(0, 5),
  String.raw`abc\d`,
  '.*',
  'abc*',
])('no index helps %j', (pattern) => {
  expect(gramsOfPattern(pattern, false)).toEqual([])
})

test('a string with very many grams is a candidate of every pattern', () => {
  const text = Array.from({ length: 6_000 }, (_, at) => String.fromCodePoint(0x4e00 + at)).join('')
  expect([...gramsOf(['abc', text])]).toEqual([manyGrams])
})

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
const runs = Number(process.env['RUNS'] ?? 2_000)
const piece = fc.oneof(
  fc.constantFrom(...'abckKsSſ\u212Aéß ẞ.-_0'),
  fc.constantFrom(
    'abc',
    'ABC',
    'a b',
    '東京都',
    '\\.',
    '\\-',
    '[a-c]',
    '[^x]',
    '[]a]',
    '[[:alpha:]b]',
    '(ab|c)',
    '(abc)',
  ),
  fc.constantFrom(
    '(a(b)c)?',
    '*',
    '+',
    '?',
    '{2}',
    '{0,1}',
    '{',
    '}',
    '.',
    '^',
    '$',
    '|',
    '(?:abc)',
    '(?i)',
    '\\d',
    '\\babc',
  ),
  fc.constantFrom('\\Qa.b\\E', '\\x61', '+?', '[', ')', '\\'),
)
const text = fc.array(fc.constantFrom(...'abcABCkKsSſ\u212Aéß ẞ.-_0東京都', 'abc', 'ABC', 'a b'), { maxLength: 12 })

test(`a string that a pattern matches has all of the pattern's grams (seed ${seed})`, () => {
  let [matched, indexed] = [0, 0]
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 7 }),
      fc.array(text, { minLength: 4, maxLength: 8 }),
      fc.boolean(),
      (pieces, texts, ignoreCase) => {
        const pattern = pieces.join('')
        const engine = engineOf(pattern, ignoreCase)
        if (engine === undefined) return
        const grams = gramsOfPattern(pattern, ignoreCase)
        if (grams.length > 0) indexed++
        // The pattern itself, without its operators, is often a match.
        for (const value of [
          ...texts.map((one) => one.join('')),
          pattern,
          pattern.replaceAll(/[\\()[\]{}*+?^$|]/g, ''),
        ]) {
          if (!engine.test(value)) continue
          if (grams.length > 0) matched++
          const own = gramsOf([value])
          expect(
            grams.filter((gram) => !own.has(gram)),
            JSON.stringify({ pattern, value, ignoreCase }),
          ).toEqual([])
        }
      },
    ),
    { seed, numRuns: runs },
  )
  expect(Math.min(matched, indexed)).toBeGreaterThan(20)
})

function engineOf(pattern: string, ignoreCase: boolean): ReturnType<typeof compileRegex> | undefined {
  try {
    return compileRegex(pattern, ignoreCase)
  } catch {
    return undefined
  }
}
