import { makeCatalog } from 'digital-objects'
import { paymentsService } from 'payments.do'
import { expect, test } from 'vitest'
import { builtInSchemas, builtInWith } from './built-in-nouns.ts'

const payments = () =>
  paymentsService({ send: () => Promise.reject(new Error('nothing is sent')), server: undefined, now: () => 0 })

test('tenants whose objects make the same services share their Nouns, and so their catalog', () => {
  const [one, other] = [builtInWith([payments()]), builtInWith([payments()])]
  expect(one.length).toBeGreaterThan(builtInSchemas.length)
  expect(one).toBe(other)
  expect(makeCatalog(one, [])).toBe(makeCatalog(other, []))
})

test('other services are other Nouns', () => {
  const about = { name: 'empty.do', about: 'Brings nothing.' }
  const [none, renamed] = [builtInWith([about]), builtInWith([{ ...about, nouns: builtInSchemas.slice(0, 1) }])]
  expect(none).toEqual(builtInSchemas)
  expect(renamed).toHaveLength(builtInSchemas.length + 1)
  expect(builtInWith([payments()])).not.toBe(none)
})
