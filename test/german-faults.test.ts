// The console says in German what is wrong with a field: every fault of the validators, for every field that ships.

import fc from 'fast-check'
import { type Fault, nouns, serviceNouns, validateCreate, validateUpdate } from 'digital-objects'
import { expect, test } from 'vitest'
import { loadLanguage, withRest } from '../apps/console/src/base/language.ts'
import { makeTranslate } from '../apps/console/src/base/message-pattern.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const { translate = () => undefined } = await withRest(await loadLanguage('de'))
const schemas = Object.values({ ...nouns, ...serviceNouns }).map(({ $schema }) => $schema)

const anyValue = fc.oneof(
  fc.constantFrom(null, undefined, '', ' ', '\0', '\ud800', true, -1, 0.5, 1e300, Number.NaN, [], {}, ['x'], [[]]),
  fc.constantFrom(
    'x',
    'a@b',
    '2026-02-30',
    'user_000000000000',
    'Europe/Nowhere',
    'EURO',
    '$&',
    "it's; field 'a' is b",
  ),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.double(),
  fc.array(fc.anything({ maxDepth: 1 }), { maxLength: 3 }),
  fc.dictionary(fc.string({ maxLength: 5 }), fc.anything({ maxDepth: 1 }), { maxKeys: 3 }),
)

function faultsOf(...checked: readonly ReturnType<typeof validateCreate>[]): readonly Fault[] {
  return checked.flatMap((one) => (one.ok ? [] : one.faults))
}

test(`every fault of every field has a German form (seed ${seed})`, () => {
  const faults = new Map<string, string>()
  for (const schema of schemas) {
    const names = [...Object.keys(schema.fields), 'nmae', 'metdata', '']
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), anyValue, { maxKeys: 12 }), (body) => {
        for (const { field, message } of faultsOf(validateCreate(schema, body), validateUpdate(schema, body)))
          faults.set(message, `${schema.name}.${field}`)
      }),
      { seed, numRuns: 100 },
    )
    for (const { field, message } of faultsOf(validateCreate(schema, 'x'))) faults.set(message, field)
  }
  expect(faults.size).toBeGreaterThan(1_000)
  const missing = [...faults].filter(([message]) => translate(message) === undefined)
  expect(missing.slice(0, 20)).toEqual([])
})

test('the names of types, fields, states and verbs in a sentence are those of the console', () => {
  expect(
    [
      "Contact.create: field 'email' expects an email address, got \"x\"; field 'name' is required",
      'Deal.win cannot bring stage from Lost to Won; possible there: reopen (to Prospecting)',
      'Subscription.pause cannot bring status from Cancelled to Paused; no verb is possible there',
      "Invoice.update cannot change 'total' while status is Paid",
      "Payment.create: field 'refundedAmount' breaks the rule 'refundedAmount <= amount': refundedAmount 5, amount 1",
    ].map((text) => translate(text)),
  ).toEqual([
    'Kontakt anlegen: „E-Mail“ erwartet eine E-Mail-Adresse; eingegeben ist "x"; „Name“ wird benötigt.',
    'Geschäft gewinnen: „Stufe“ kann nicht von „Verloren“ zu „Gewonnen“ werden. Möglich: Wieder öffnen (zu Ansprache).',
    'Abonnement pausieren: „Status“ kann nicht von „Gekündigt“ zu „Pausiert“ werden. Dort ist keine Aktion möglich.',
    'Rechnung: „Summe“ kann nicht geändert werden, solange „Status“ „Bezahlt“ ist.',
    'Zahlung anlegen: „Erstattet“ verletzt die Regel „Erstattet <= Betrag“: Erstattet 5, Betrag 1.',
  ])
})

test('a sentence of which a part is unknown is not translated in part', () => {
  for (const text of [
    "Contact.create: field 'email' is odd today",
    "Contact.create: field 'name' is required; field 'email' is odd today",
    'expects a unicorn, got "x"',
    'Deal.win cannot bring stage from Lost to Won; ask somebody',
    'x'.repeat(6_000),
  ])
    expect(translate(text), text).toBeUndefined()
  expect(() => makeTranslate({ 'a {b}': 'c' }, {})('a x')).toThrow("no kind of slot 'b' in 'a {b}'")
})
