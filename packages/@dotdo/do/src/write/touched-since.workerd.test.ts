// Expected versions and touches, over generated histories: a change fits every version since the last one that a caller made.

import { assert, decideChange, type EntityFields, makeNoun, type NounSchema, ObjectError } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Flushed, futureMs, inFlushedStore } from '../../test/flushed-store.ts'
import type { Change } from './change.ts'

const tenant = { name: 'acme', context: 'http://localhost/~acme' }
const Deal = makeNoun('Deal', { fields: { name: 'string!', seenAt: 'datetime', value: 'integer' } }).$schema
const Visit = makeNoun('Visit', {
  fields: { name: 'string!', at: 'datetime', deal: '-> Deal', add: 'integer' },
  effects: {
    create: {
      related: [
        { kind: 'touch', of: 'deal', sets: { seenAt: { kind: 'field', name: 'at' } } },
        // An effect on a field that nobody touches is a change like any other.
        { kind: 'update', of: 'deal', sets: { value: { kind: 'field', name: 'add' } } },
      ],
    },
  },
}).$schema

type Step =
  | { readonly kind: 'visit'; readonly day: number; readonly add?: number }
  | { readonly kind: 'update'; readonly back: number; readonly fields: EntityFields }

const day = fc.integer({ min: 1, max: 28 })
const time = (of: number): string => `2026-01-${String(of).padStart(2, '0')}T00:00:00.000Z`
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: day.map((of): Step => ({ kind: 'visit', day: of })) },
    { weight: 1, arbitrary: day.map((of): Step => ({ kind: 'visit', day: of, add: of })) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('update' as const),
        back: fc.integer({ min: 0, max: 4 }),
        fields: fc.oneof(
          fc.constantFrom('a', 'b').map((name): EntityFields => ({ name })),
          day.map((of): EntityFields => ({ seenAt: time(of) })),
        ),
      }),
    },
  ),
  { maxLength: 12 },
)

function changeOf(schema: NounSchema, input: EntityFields, of: { target?: string; ifVersion?: number } = {}): Change {
  const verb = schema.verbs[of.target === undefined ? 'create' : 'update']
  assert(verb !== undefined, 'the Nouns of this test have every CRUD verb')
  return {
    schema,
    verb,
    kind: of.target === undefined ? 'create' : 'change',
    ...of,
    input,
    actor: 'user_1',
    via: 'rest',
    decide: ({ current, nowMs }) => decideChange({ schema, verb, input, current, nowMs }),
  }
}

/** The model: versions with their fields, and whether a caller, or an effect that is no touch, made them. */
interface Version {
  readonly fields: EntityFields
  readonly isTouch: boolean
}

function expected(
  versions: readonly Version[],
  { back, fields }: Step & { readonly kind: 'update' },
): EntityFields | undefined {
  const current = versions.at(-1)
  const read = versions.at(-1 - back)
  assert(current !== undefined && read !== undefined, 'the entity has versions')
  if (!versions.slice(versions.length - back).every(({ isTouch }) => isTouch)) return undefined
  const { seenAt } = fields
  const isOfTouched = back > 0 && seenAt !== undefined && read.fields['seenAt'] !== current.fields['seenAt']
  if (!isOfTouched || seenAt === current.fields['seenAt']) return { ...current.fields, ...fields }
  return seenAt === read.fields['seenAt'] ? current.fields : undefined
}

async function run({ store }: Flushed, history: readonly Step[]): Promise<{ accepted: number; refused: number }> {
  const { row } = await store.write(changeOf(Deal, { name: 'deal' }), tenant)
  const target = row.target
  const present = (): EntityFields | undefined => store.state.get(store.state.tableOf(Deal), target)?.fields
  const versions: Version[] = [{ fields: { name: 'deal' }, isTouch: false }]
  const counts = { accepted: 0, refused: 0 }
  const put = (fields: EntityFields, isTouch: boolean): void => {
    if (JSON.stringify(fields) !== JSON.stringify(versions.at(-1)?.fields)) versions.push({ fields, isTouch })
  }
  for (const step of history) {
    const last = versions.at(-1)?.fields ?? {}
    if (step.kind === 'visit') {
      const { add } = step
      const visit = { name: 'visit', at: time(step.day), deal: target, ...(add === undefined ? {} : { add }) }
      await store.write(changeOf(Visit, visit), tenant)
      const seenAt = String(last['seenAt'] ?? '') < time(step.day) ? time(step.day) : last['seenAt']
      put(ordered({ ...last, ...(seenAt === undefined ? {} : { seenAt }) }), true)
      if (add !== undefined) put(ordered({ ...versions.at(-1)?.fields, value: add }), false)
    } else if (step.back < versions.length) {
      const after = expected(versions, step)
      const ifVersion = versions.length - step.back
      const outcome = await store.write(changeOf(Deal, step.fields, { target, ifVersion }), tenant).then(
        () => 'done',
        (error: unknown) => (error instanceof ObjectError ? error.code : 'bug'),
      )
      expect(outcome, JSON.stringify([history, step])).toBe(after === undefined ? 'version_conflict' : 'done')
      counts[after === undefined ? 'refused' : 'accepted']++
      if (after !== undefined) put(ordered(after), false)
    }
    expect(present(), JSON.stringify(history)).toEqual(versions.at(-1)?.fields)
  }
  return counts
}

function ordered({ name, seenAt, value }: EntityFields): EntityFields {
  return {
    ...(name === undefined ? {} : { name }),
    ...(seenAt === undefined ? {} : { seenAt }),
    ...(value === undefined ? {} : { value }),
  }
}

test('a change fits every version since the last that was not a touch, unless it sets a touched field itself', () =>
  inFlushedStore(
    async (flushed) => {
      const totals = { accepted: 0, refused: 0 }
      await fc.assert(
        fc.asyncProperty(steps, async (history) => {
          const { accepted, refused } = await run(flushed, history)
          totals.accepted += accepted
          totals.refused += refused
        }),
        { numRuns: 150 },
      )
      expect(Math.min(totals.accepted, totals.refused)).toBeGreaterThan(30)
    },
    { schemas: [Deal, Visit], startMs: futureMs },
  ))
