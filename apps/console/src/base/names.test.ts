import { expect, test } from 'vitest'
import { fieldLabel, nounLabel, verbLabel } from './names.ts'

test.each([
  ['expectedCloseDate', 'Expected close date'],
  ['slaDueAt', 'SLA due at'],
  ['pdfUrl', 'PDF URL'],
  ['stripeCustomerId', 'Stripe customer ID'],
  ['$createdAt', 'Created at'],
  ['paid', 'Paid'],
])('the field %s is labelled %s', (name, label) => {
  expect(fieldLabel(name, {})).toBe(label)
})

test('types and verbs are labelled by the same rule, and the words of a language come first', () => {
  expect([nounLabel('SLAPolicy', {}), nounLabel('CreditNote', {}, 'many')]).toEqual(['SLAPolicy', 'Credit notes'])
  expect([verbLabel('markPastDue', {}), verbLabel('win', { 'verb.win': 'gewinnen' })]).toEqual([
    'Mark past due',
    'Gewinnen',
  ])
})
