// Nouns that services bring, beside the built-in ones and those of a tenant that was there before the service.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeNoun } from '../noun/noun.ts'
import { nouns } from '../nouns/all-nouns.ts'
import { serviceNouns } from '../nouns/service-nouns.ts'
import { makeCatalog, type Catalog, type CatalogEntry } from './catalog.ts'

const core = Object.values(nouns).map((noun) => noun.$schema)
const brought = Object.values(serviceNouns).map((noun) => noun.$schema)
const all = [...core, ...brought]
const own = (name: string, fields: Readonly<Record<string, string>>): CatalogEntry => ({ name, definition: { fields } })
const fieldOf = (catalog: Catalog, noun: string, field: string): unknown => catalog.lookup(noun)?.fields[field]

/** Every inverse belongs to a reference, and every reference of a built-in Noun that names an inverse has it. */
function expectLinked({ nouns: schemas, lookup }: Catalog): void {
  for (const { name, fields } of schemas)
    for (const field of Object.values(fields)) {
      if (field.kind !== 'reverse') continue
      const by = lookup(field.from)?.fields[field.by]
      expect(by?.kind === 'reference' && by.to.includes(name), `${name}.${field.name}`).toBe(true)
    }
}

test('the Nouns of services and the built-in ones have the inverses of each other', () => {
  const catalog = makeCatalog(all, [])
  expect(catalog.faults).toEqual([])
  expectLinked(catalog)
  for (const { name, fields } of brought)
    for (const field of Object.values(fields)) {
      if (field.kind !== 'reference' || field.inverse === undefined) continue
      for (const to of field.to)
        expect(fieldOf(catalog, to, field.inverse)).toMatchObject({ kind: 'reverse', from: name, by: field.name })
    }
})

test('an inverse that nobody declares is added, and one without its reference is not there', () => {
  const run = makeNoun('Run', { fields: { workflow: '-> Workflow.runs' }, service: 'runs.do' }).$schema
  const catalog = makeCatalog([...core, run], [])
  expect(fieldOf(catalog, 'Workflow', 'runs')).toMatchObject({ from: 'Run', by: 'workflow', many: true })
  // No service brings Refund here.
  expect(fieldOf(catalog, 'Payment', 'refunds')).toBeUndefined()
  expectLinked(catalog)
})

test('additions to a built-in Noun keep the inverses that a service gives it', () => {
  const catalog = makeCatalog(all, [own('Payment', { channel: 'string?' })])
  expect(fieldOf(catalog, 'Payment', 'refunds')).toMatchObject({ from: 'Refund' })
  expect(fieldOf(catalog, 'Payment', 'channel')).toMatchObject({ type: 'string' })
  expect(catalog.faults).toEqual([])
})

test('an inverse of a service gives way to a field and to an inverse of the tenant', () => {
  const withField = makeCatalog(all, [own('Payment', { refunds: 'json?' })])
  expect(fieldOf(withField, 'Payment', 'refunds')).toMatchObject({ kind: 'data', type: 'json' })
  const withInverse = makeCatalog(all, [own('Reversal', { payment: '-> Payment.refunds' })])
  expect(fieldOf(withInverse, 'Payment', 'refunds')).toMatchObject({ from: 'Reversal', by: 'payment' })
  for (const { faults } of [withField, withInverse]) expect(faults).toEqual([])
})

test("a tenant's own Noun takes the place of a service's of the same name, in any letter case", () => {
  for (const name of ['Refund', 'REFUND', 'RefundCreate']) {
    const catalog = makeCatalog(all, [own(name, { note: 'string!', payment: '-> Payment.refunds##' })])
    expect(catalog.faults).toEqual([])
    expect([...catalog.own]).toEqual([name])
    expect(Object.keys(catalog.lookup(name)?.fields ?? {})).toEqual(['note', 'payment', 'comments', 'files'])
    expect(catalog.nouns.filter((noun) => noun.name.startsWith('R') && noun.service !== undefined)).toEqual([])
    expect(fieldOf(catalog, 'Payment', 'refunds')).toMatchObject({ from: name, many: false })
    expect(catalog.builtIn('Refund')).toBeUndefined()
    expect(catalog.lookup('CreditNote')?.service).toBe('payments.do')
    expectLinked(catalog)
  }
})

test('fields are frozen by states of another Noun that exist', () => {
  const rule = (field: string, value: string): CatalogEntry => ({
    name: 'Extra',
    definition: {
      fields: { text: 'string?', invoice: '-> Invoice' },
      frozen: [{ fields: ['text'], while: { field, values: [value] } }],
    },
  })
  const faultOf = (field: string, value: string): string | undefined =>
    makeCatalog(all, [rule(field, value)]).faults[0]?.message
  expect(faultOf('invoice.status', 'Paid')).toBeUndefined()
  expect(faultOf('invoice.status', 'Printed')).toContain("expects states of Invoice.status, got 'Printed'")
  expect(faultOf('invoice.total', 'Paid')).toContain("expects states of Invoice.total, got 'total'")
  for (const field of ['text.status', 'invoice.', 'invoice.a.b', 'other.status'])
    expect(faultOf(field, 'Paid'), field).toContain('such as invoice.status')
})

test('additions name the service, and are left out where it is missing', () => {
  const additions: CatalogEntry = {
    name: 'Refund',
    definition: { fields: { ticketUrl: 'url?' }, service: 'payments.do' },
  }
  const catalog = makeCatalog(all, [additions])
  expect(Object.keys(catalog.lookup('Refund')?.fields ?? {})).toEqual(
    expect.arrayContaining(['amount', 'payment', 'ticketUrl']),
  )
  expect(catalog.own.size).toBe(0)
  const without = makeCatalog(core, [additions])
  expect(without.lookup('Refund')).toBeUndefined()
  expect(without.faults.map(({ message }) => message)).toEqual([
    'Refund is a Noun of payments.do, which this server does not have',
  ])
})

test("any own Nouns and additions from before a service open without a fault, and keep the tenant's fields", () => {
  const inverses = brought.flatMap(({ fields }) =>
    Object.values(fields).flatMap((field) =>
      field.kind === 'reference' && field.inverse !== undefined
        ? field.to.map((noun) => ({ noun, inverse: field.inverse ?? '' }))
        : [],
    ),
  )
  const ofCore = inverses.filter(({ noun }) => core.some(({ name }) => name === noun))
  const names = [...brought.map(({ name }) => name), ...brought.map(({ name }) => name.toUpperCase()), 'Zeal', 'Yield']
  const entry = fc.oneof(
    fc
      .record({
        name: fc.constantFrom(...names),
        at: fc.option(fc.constantFrom(...ofCore), { nil: undefined }),
        mark: fc.constantFrom('', '!', '##'),
      })
      .map(({ name, at, mark }) =>
        own(name, { note: 'string?', ...(at === undefined ? {} : { link: `-> ${at.noun}.${at.inverse}${mark}` }) }),
      ),
    fc.constantFrom(...ofCore).map(({ noun, inverse }) => own(noun, { [inverse]: 'string?' })),
  )
  const unique = (entries: readonly CatalogEntry[]): readonly CatalogEntry[] => [
    ...new Map(entries.map((one) => [one.name.toLowerCase(), one])).values(),
  ]
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }).map(unique), (entries) => {
      // As the tenant was before the service.
      const before = makeCatalog(core, entries)
      const after = makeCatalog(all, entries)
      expect(after.faults.map(({ message }) => message)).toEqual(before.faults.map(({ message }) => message))
      for (const { name } of entries)
        for (const [field, { kind }] of Object.entries(before.lookup(name)?.fields ?? {}))
          expect(after.lookup(name)?.fields[field]?.kind, `${name}.${field}`).toBe(kind)
      expectLinked(after)
    }),
  )
})
