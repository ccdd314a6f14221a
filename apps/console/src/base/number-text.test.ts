import { expect, test } from 'vitest'
import { numberText, parseNumber } from './number-text.ts'

test.each([
  ['1250', 1_250, 1_250],
  ['1,250', 1_250, 1.25],
  ['1.250', 1.25, 1_250],
  ['1,250.50', 1_250.5, 1_250.5],
  ['1.250,50', 1_250.5, 1_250.5],
  ['1.250.000', undefined, 1_250_000],
  ['1250,5', 1_250.5, 1_250.5],
  ['1250.5', 1_250.5, 1_250.5],
  ['-3,5', -3.5, -3.5],
  ['1 250', 1_250, 1_250],
  ["1'250", 1_250, 1_250],
  [' 7 ', 7, 7],
  ['12,34,56', undefined, undefined],
  ['1,25.0', undefined, undefined],
  ['.5', undefined, undefined],
  ['a lot', undefined, undefined],
  ['', undefined, undefined],
])('%j is %j in English and %j in German', (text, english, german) => {
  expect([parseNumber(text, '.'), parseNumber(text, ',')]).toEqual([english, german])
})

test('a number that is shown and saved unchanged is the same number', () => {
  for (const mark of ['.', ','] as const)
    for (const value of [0, -1, 1.125, 1_250, 1_250.5, 0.001, 123_456_789.99])
      expect(parseNumber(numberText(value, mark), mark)).toBe(value)
})

test.each([
  ['en', '.'],
  ['de', ','],
] as const)('what %s writes is read', (language, mark) => {
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 3 })
  for (let value = 0.125; value < 10_000_000; value *= 3.7) {
    const written = format.format(value)
    expect(parseNumber(written, mark), written).toBe(Math.round(value * 1_000) / 1_000)
  }
})
