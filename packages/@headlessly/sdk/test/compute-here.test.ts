// A pipeline comes to the same wherever a callback is no expression: all of it at the server, or the rest at the client.

import {
  type JsonValue,
  nouns,
  type NounLookup,
  type NounSchema,
  ObjectError,
  restoreExceptions,
} from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EntityVersion } from '../../../objects.do/src/entity-version.ts'
import { versionToEntity } from '../../../objects.do/src/entity-version.ts'
import type { RelatedReader } from '../../../objects.do/src/includes.ts'
import { EvaluationContext } from '../../../objects.do/src/pipeline/evaluation-context.ts'
import { parseSteps } from '../../../objects.do/src/pipeline/parse-pipeline.ts'
import { runPipeline } from '../../../objects.do/src/pipeline/run-pipeline.ts'
import { HeadlesslyError } from '../src/headlessly-error.ts'
import { computeHere } from '../src/pipeline/compute-here.ts'
import type { PipelineFunction } from '../src/pipeline/parse-callback.ts'
import { parseLoaded } from '../src/pipeline/parse-loaded.ts'
import { type PendingStep, stepsToWire } from '../src/pipeline/pending-step.ts'

const byName: Readonly<Record<string, { readonly $schema: NounSchema }>> = nouns
const lookup: NounLookup = (name) => (Object.hasOwn(byName, name) ? byName[name]?.$schema : undefined)

type Tables = ReadonlyMap<string, readonly EntityVersion[]>

function readerOf(tables: Tables): RelatedReader {
  const all = (schema: NounSchema): readonly EntityVersion[] => tables.get(schema.name) ?? []
  return {
    get: (schema, id) => all(schema).find((version) => version.id === id),
    referring: (schema, { by, id, limit }) =>
      all(schema)
        .filter((version) => version.fields[by] === id)
        .slice(0, limit),
    toEntity: (schema, version) => versionToEntity(schema, version, 'https://headless.ly/~acme'),
  }
}

const ids = (prefix: string): readonly string[] => [1, 2, 3, 4].map((at) => `${prefix}_00000000000${at}`)
const [organizations, contacts, deals] = [ids('organization'), ids('contact'), ids('deal')]

/** The last id of each is of one that is gone. */
function rowsOf(of: readonly string[], fields: Readonly<Record<string, fc.Arbitrary<JsonValue | undefined>>>) {
  return fc.array(fc.record(fields), { maxLength: 3 }).map((rows) =>
    rows.map((row, at): EntityVersion => {
      const set = Object.entries(row).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
      const fields = Object.fromEntries(set)
      return { id: of[at] ?? '', version: 1, createdAtMs: at, createdBy: 'anonymous', updatedAtMs: at, fields }
    }),
  )
}

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(arbitrary, { nil: undefined })
const texts = fc.constantFrom('Ada', 'Bob', '', 'Cyd')
const tables: fc.Arbitrary<Tables> = fc
  .record({
    Organization: rowsOf(organizations, { name: texts }),
    Contact: rowsOf(contacts, {
      name: texts,
      stage: fc.constantFrom('Lead', 'Qualified'),
      leadScore: maybe(fc.integer({ min: -2, max: 9 })),
      organization: maybe(fc.constantFrom(...organizations)),
      metadata: maybe(fc.constantFrom({ a: 1 }, { tags: ['x', 'y'] })),
    }),
    Deal: rowsOf(deals, {
      name: texts,
      value: maybe(fc.integer({ min: 0, max: 3 })),
      contact: maybe(fc.constantFrom(...contacts)),
      organization: maybe(fc.constantFrom(...organizations)),
    }),
  })
  .map((record) => new Map(Object.entries(record)))

interface Seen {
  readonly $id: string
  readonly $type: string
  readonly name: string
  readonly stage?: string
  readonly leadScore?: number
  readonly value?: number
  readonly metadata?: { readonly a?: number; readonly tags?: readonly string[] }
  readonly organization?: Seen | null
  readonly contact?: Seen | null
  readonly deals: readonly Seen[]
  readonly contacts: readonly Seen[]
}

/** Over contacts and what is made of them; some make sense of few values, and are errors elsewhere, here and there. */
const steps: readonly PendingStep[] = [
  { step: 'map', callback: (contact: Seen) => contact.deals },
  { step: 'map', callback: (contact: Seen) => contact.deals?.filter((deal) => (deal.value ?? 0) > 1) },
  { step: 'map', callback: (item: Seen) => item?.organization },
  { step: 'map', callback: (item: Seen) => item?.contact?.organization?.name },
  {
    step: 'map',
    callback: (item: Seen) => ({ item, deals: item.deals, tags: item?.metadata?.tags, of: item.organization?.name }),
  },
  { step: 'map', callback: (item: Seen) => item.metadata },
  { step: 'map', callback: (item: Seen) => -(item.leadScore ?? 0) / (item.value ?? 0) },
  {
    step: 'map',
    callback: (item: Seen, { by }: { by: number }) => [item.leadScore, by, [item.contact]],
    given: { by: 2 },
  },
  { step: 'map', callback: (item: Seen) => item.organization?.contacts.map((contact) => contact.deals.length) },
  { step: 'flatMap', callback: (item: Seen) => item.deals },
  { step: 'flatMap', callback: (item: Seen) => item.metadata?.tags ?? [item.name] },
  { step: 'filter', callback: (item: Seen) => item?.organization },
  {
    step: 'filter',
    callback: ({ stage }: Seen, { wanted }: { wanted: string }) => stage === wanted,
    given: { wanted: 'Lead' },
  },
  { step: 'filter', callback: (item: Seen) => item?.organization !== null && item?.contact !== undefined },
  { step: 'filter', callback: (item: Seen) => item.deals?.some((deal) => deal.organization?.name === item.name) },
  { step: 'find', callback: (item: Seen) => item?.name === 'Ada' },
  { step: 'some', callback: (item: Seen) => item?.organization === null },
  { step: 'every', callback: (item: Seen) => typeof item === 'object' },
  {
    step: 'reduce',
    callback: (sum: number, item: Seen) => sum + (item.leadScore ?? item.value ?? 0 / 0),
    initial: 0,
  },
  { step: 'reduce', callback: (found: readonly Seen[], item: Seen) => [item].concat(found), initial: [] },
  { step: 'sort', callback: (a: Seen, b: Seen) => (a.leadScore ?? a.value ?? 0) - (b.leadScore ?? b.value ?? 0) },
  { step: 'sort' },
  { step: 'slice', start: -2 },
  { step: 'slice', start: 0, end: 1 },
  { step: 'member', name: 'length' },
  { step: 'member', name: 'name' },
  { step: 'member', name: 'deals' },
]

function atServer(tables: Tables, wire: unknown): unknown {
  const steps = parseSteps(JSON.parse(JSON.stringify(wire)))
  const noun = nouns.Contact.$schema
  const found = tables.get('Contact') ?? []
  const shape = { includes: [], fields: undefined }
  const context = new EvaluationContext()
  const { body, exceptions } = runPipeline({ reader: readerOf(tables), lookup, noun, found, shape, steps, context })
  return restoreExceptions(JSON.parse(body), exceptions)
}

/** The same step, as no expression: it is what a program does by itself that ends what the server can do. */
function opaque(step: PendingStep): PendingStep {
  if (!('callback' in step) || step.callback === undefined) return step
  // oxlint-disable-next-line typescript/no-implied-eval
  const callback = new Function('...given', `return (${String(step.callback)})(...given)`) as PipelineFunction
  return { ...step, callback }
}

const counted = { values: 0, tooDeep: 0 }

test('from any step on, the client computes what the server would have', () => {
  // All of them are expressions, so that the server could do all of it.
  expect(stepsToWire(steps).reason).toBe('')
  fc.assert(
    fc.property(tables, fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 3 }), (tables, chosen) => {
      let expected: unknown
      try {
        expected = atServer(tables, stepsToWire(chosen).steps)
      } catch (error) {
        if (error instanceof ObjectError) return
        throw error
      }
      for (const cut of chosen.keys()) {
        const { steps, rest } = stepsToWire(chosen.map((step, at) => (at === cut ? opaque(step) : step)))
        if (rest.length === 0) continue
        const loaded = parseLoaded(atServer(tables, steps))
        try {
          expect(computeHere(loaded, rest)).toStrictEqual(expected)
          counted.values += 1
        } catch (error) {
          // Three steps may go through more relations than are loaded behind one another.
          if (!(error instanceof HeadlesslyError) || !error.message.includes('was not loaded')) throw error
          counted.tooDeep += 1
        }
      }
    }),
    { numRuns: 1_000 },
  )
  expect(counted.values).toBeGreaterThan(500)
  expect(counted.tooDeep).toBeLessThan(counted.values / 50)
})
