// The form of an answer by the Accept header, compared with a plain reading of the standard.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseForm } from './choose-form.ts'

const forms = [
  ['json', 'application/json'],
  ['markdown', 'text/markdown'],
  ['html', 'text/html'],
] as const

const browsers = {
  chromium:
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
  firefox: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  safari: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
}

const cases: readonly (readonly [accept: string | null, form: string])[] = [
  [null, 'json'],
  ['', 'json'],
  ['*/*', 'json'],
  ['application/json', 'json'],
  ['application/json, text/plain, */*', 'json'],
  ['application/*', 'json'],
  ['image/png', 'json'],
  ['text/event-stream', 'json'],
  ['text/html', 'html'],
  ['TEXT/HTML ; Q=0.5', 'html'],
  ['text/html;q=0', 'json'],
  ['text/html;q=0, */*', 'json'],
  ['text/html;q=0.2, */*;q=0.1', 'html'],
  ['text/html;q=0.2, */*;q=0.3', 'json'],
  ['text/html, application/json', 'json'],
  ['application/json;q=0.9, text/html', 'html'],
  ['text/markdown', 'markdown'],
  ['text/markdown, text/html, */*', 'markdown'],
  ['text/markdown;q=0.9, text/html', 'html'],
  ['text/*', 'markdown'],
  ['text/*;q=0.5, text/markdown;q=0.1', 'html'],
  ['text/html;level=1', 'html'],
  ['text/html;q=2', 'json'],
  ['text/html;q=x, text/markdown;q=0.1', 'markdown'],
  [',,;q=1,', 'json'],
  ...Object.values(browsers).map((accept) => [accept, 'html'] as const),
]

test.each(cases)('%s gets %s', (accept, form) => {
  expect(chooseForm(accept, forms)).toBe(form)
})

const range = fc.record({
  type: fc.constantFrom('*/*', 'text/*', 'application/*', 'image/png', ...forms.map(([, type]) => type)),
  thousandths: fc.integer({ min: 0, max: 1_000 }),
  text: fc.constantFrom(
    (type: string, q: string) => `${type};q=${q}`,
    (type: string, q: string) => ` ${type.toUpperCase()} ; q=${q} `,
    (type: string, q: string) => `${type};charset=utf-8;Q=${q}`,
  ),
})
type Range = { readonly type: string; readonly thousandths: number }

/** The weight of a type by the most specific range, and how specific that is. */
function weightOf(type: string, ranges: readonly Range[]): readonly [weight: number, specificity: number] {
  const wildcards = ['*/*', type.replace(/\/.*/, '/*'), type]
  const specificity = Math.max(...ranges.map((one) => wildcards.indexOf(one.type)))
  const weights = ranges.filter((one) => one.type === wildcards[specificity]).map(({ thousandths }) => thousandths)
  return [Math.max(0, ...weights), specificity]
}

describe('for any ranges with any weights', () => {
  test('the form has the greatest weight; among equals the more specific, and then the first', () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 6 }), (ranges) => {
        const accept = ranges
          .map(({ type, thousandths, text }) => text(type, (thousandths / 1_000).toFixed(3)))
          .join(',')
        const ranked = forms
          .map(([form, type], at) => ({ form, at, weight: weightOf(type, ranges) }))
          .filter(({ weight: [weight] }) => weight > 0)
          .toSorted((a, b) => b.weight[0] - a.weight[0] || b.weight[1] - a.weight[1] || a.at - b.at)
        expect(chooseForm(accept, forms), accept).toBe(ranked[0]?.form ?? 'json')
      }),
    )
  })

  test('the order of the ranges does not matter, and no header makes it fail', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 6 }), fc.string(), (ranges, noise) => {
        const texts = ranges.map(({ type, thousandths, text }) => text(type, (thousandths / 1_000).toFixed(3)))
        expect(chooseForm(texts.toReversed().join(','), forms)).toBe(chooseForm(texts.join(','), forms))
        expect(['json', 'markdown', 'html']).toContain(chooseForm(noise, forms))
      }),
    )
  })
})
