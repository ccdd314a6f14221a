// Laws of the states of all built-in Nouns: no sequence of verbs, updates and creations reaches a record that the Noun's own
// table forbids, and no field contradicts the state.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import { amountRulesOf } from '../noun/parse-amount-rules.ts'
import type { NounSchema, StoredField, Verb } from '../noun/schema.ts'
import { validateUpdate } from '../noun/validate.ts'
import { decideChange } from '../verb/decide-change.ts'
import { foreignFields } from '../verb/settle-state.ts'
import { checkTransition, irreversibleTransition } from '../verb/transition.ts'
import { nouns } from './all-nouns.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
const runs = Number(process.env['RUNS'] ?? 60)
const schemas: readonly NounSchema[] = Object.values(nouns).map((noun) => noun.$schema)
const withState = schemas.filter(({ state, transitions }) => state !== undefined && transitions.length > 0)
const start = Date.UTC(2026, 0, 1)
const past = '2025-06-01T00:00:00.000Z'

function storedOf(schema: NounSchema): readonly StoredField[] {
  return Object.values(schema.fields).filter((field): field is StoredField => field.kind !== 'reverse')
}

function valueOf(field: StoredField): fc.Arbitrary<JsonValue> {
  const one = oneOf(field)
  return field.many ? one.map((value) => [value]) : one
}

function oneOf(field: StoredField): fc.Arbitrary<JsonValue> {
  if (field.kind === 'enum') return fc.constantFrom<JsonValue>(...field.values)
  if (field.kind === 'reference') return fc.constant(`${(field.to[0] ?? 'User').toLowerCase()}_1VbZ0kQ3x9Ta`)
  const samples: Readonly<Record<string, readonly JsonValue[]>> = {
    number: [0, 1, 40],
    integer: [0, 1, 40],
    money: [0, 100],
    boolean: [true, false],
    datetime: [past, '2024-01-01T00:00:00.000Z'],
    date: ['2025-06-01'],
    json: [{ a: 1 }],
    url: ['https://example.com'],
    email: ['ada@example.com'],
    id: ['user_1VbZ0kQ3x9Ta'],
  }
  return fc.constantFrom<JsonValue>(...(samples[field.type] ?? ['x', 'y']))
}

interface Step {
  readonly verb: string
  readonly body: Readonly<Record<string, JsonValue>>
}

/** Steps with few fields, of which the state, its fields and the verb's own arguments are the most frequent. */
function stepsOf(schema: NounSchema): fc.Arbitrary<readonly Step[]> {
  const { state = '', states } = schema
  const fields = storedOf(schema)
  const held = new Set(Object.values(states).flatMap(({ holds, sets }) => [...holds, ...Object.keys(sets)]))
  const often = fields.filter(({ name }) => name === state || held.has(name))
  const entry = (from: readonly StoredField[]): fc.Arbitrary<readonly [string, JsonValue]> =>
    fc
      .constantFrom(...from)
      .chain((field) =>
        fc
          .oneof({ weight: 5, arbitrary: valueOf(field) }, { weight: 1, arbitrary: fc.constant(null) })
          .map((value) => [field.name, value] as const),
      )
  const body = fc
    .array(fc.oneof({ weight: 3, arbitrary: entry(often) }, { weight: 1, arbitrary: entry(fields) }), { maxLength: 3 })
    .map((entries) => Object.fromEntries(entries))
  const verbs = Object.keys(schema.verbs).filter((name) => name !== 'create' && name !== 'delete')
  return fc.array(fc.record({ verb: fc.constantFrom(...verbs), body }), { maxLength: 14 })
}

/** Returns the arguments of the verb, with those that it requires. */
function argumentsOf(schema: NounSchema, verb: Verb, body: Step['body']): Step['body'] {
  const required = (verb.effect.argumentsRequired ?? []).map((names) => [names].flat()[0] ?? '')
  const given = required.map((name) => {
    const field = schema.fields[name]
    const value =
      field === undefined || field.kind === 'reverse' ? 'x' : fc.sample(valueOf(field), { numRuns: 1, seed })[0]
    return [name, value ?? 'x'] as const
  })
  return { ...Object.fromEntries(given), ...body }
}

const counts = { made: 0, refused: 0, done: 0 }

/** Returns the fields after the step, or undefined if it is refused or done. */
function perform(
  schema: NounSchema,
  { verb: name, body }: Step,
  current: EntityFields | undefined,
  nowMs: number,
): EntityFields | undefined {
  const verb = schema.verbs[name]
  if (verb === undefined) throw new Error(`${schema.name} has no verb ${name}`)
  try {
    const input = verb.category === 'custom' ? argumentsOf(schema, verb, body) : body
    const after = decideChange({ schema, verb, current, input, nowMs })
    if (after === undefined) {
      counts.done++
      return undefined
    }
    checkTransition(schema, { verb: name, isRollback: false, before: current, after })
    const asked = body[schema.state ?? '']
    if (verb.category === 'custom' && typeof asked === 'string') expect(after[schema.state ?? '']).toBe(asked)
    counts.made++
    return after
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    counts.refused++
    return undefined
  }
}

/** The moves of the state that the table has, whichever verb makes them, without those of verbs that stay. */
function hasRow({ transitions }: NounSchema, from: string, to: string): boolean {
  return transitions.some((row) => row.from.includes(from) && row.to === to)
}

test.each(withState.map((schema) => [schema.name, schema] as const))(
  `no sequence of writes breaks the table of %s (seed ${seed})`,
  (_, schema) => {
    const { state = '', states, transitions } = schema
    const starts = new Set(transitions.filter(({ from }) => from.length === 0).map(({ to }) => to))
    const values = schema.fields[state]
    const first = values?.kind === 'enum' ? String(values.default) : ''
    const required = storedOf(schema).filter((field) => field.required)
    const base = Object.fromEntries(
      required.map((field) => [field.name, fc.sample(valueOf(field), { numRuns: 1, seed })[0] ?? 'x']),
    )
    fc.assert(
      fc.property(stepsOf(schema), stepsOf(schema), ([creation], steps) => {
        let nowMs = start
        let fields = perform(schema, { verb: 'create', body: { ...base, ...creation?.body } }, undefined, nowMs)
        if (fields === undefined) return
        const began = String(fields[state])
        expect(began === first || starts.has(began), `create at ${began}`).toBe(true)
        for (const step of steps) {
          nowMs += 1_000
          const before: EntityFields = fields
          const after = perform(schema, step, before, nowMs)
          if (after === undefined) continue
          const [from, to] = [String(before[state]), String(after[state])]
          const label = `${step.verb} ${JSON.stringify(step.body)} from ${from} to ${to}`
          if (from !== to) expect(hasRow(schema, from, to), label).toBe(true)
          // No field contradicts the state, and those of an entered state have a value.
          expect(foreignFields(schema, after), label).toEqual([])
          if (from !== to)
            for (const [name, effect] of Object.entries(states[to]?.sets ?? {}))
              if (effect.kind === 'first' || effect.kind === 'now')
                expect(after[name], `${label}: ${name}`).toBeDefined()
          const stored = Object.fromEntries(Object.entries(after).filter(([name]) => after[name] !== before[name]))
          // The engine computes and checks sums, which are not part of this law.
          if (amountRulesOf(schema).sums.length === 0)
            expect(validateUpdate(schema, stored), label).toMatchObject({ ok: true })
          // A verb that is called again with the same data changes nothing, or acts or moves on each time.
          fields = after
        }
      }),
      { seed, numRuns: runs },
    )
  },
)

test('the sequences made, refused and found done enough', () => {
  expect(counts.made).toBeGreaterThan(runs * 30)
  expect(counts.refused).toBeGreaterThan(runs * 30)
  expect(counts.done).toBeGreaterThan(runs)
})

test.each(schemas.map((schema) => [schema.name, schema] as const))(
  'a verb of %s that is called twice with the same data changes nothing the second time, unless it repeats or moves on',
  (_, schema) => {
    const { state = '' } = schema
    const values = schema.fields[state]
    for (const verb of Object.values(schema.verbs).filter(({ category }) => category === 'custom')) {
      const body = argumentsOf(schema, verb, {})
      for (const value of values?.kind === 'enum' ? values.values : ['']) {
        const required = storedOf(schema).filter(
          (field) => field.required || verb.effect.needs?.flat().includes(field.name),
        )
        const base = Object.fromEntries(
          required.map((field) => [field.name, fc.sample(valueOf(field), { numRuns: 1, seed })[0] ?? 'x']),
        )
        const current = { ...base, ...(value === '' ? {} : { [state]: value }) }
        const once = perform(schema, { verb: verb.name, body }, current, start)
        if (once === undefined || verb.effect.repeats === true) continue
        const twice = perform(schema, { verb: verb.name, body }, once, start + 1_000)
        const moved = twice !== undefined && (twice[state] !== once[state] || hasAmount(schema, verb))
        if (!moved && Object.keys(body).length + Number(once[state] !== value) > 0)
          expect(twice, `${schema.name}.${verb.name} ${JSON.stringify(body)} in ${value}`).toBeUndefined()
      }
    }
  },
)

/** A verb that adds, or that moves a period on, changes the entity each time. */
function hasAmount(_: NounSchema, { effect }: Verb): boolean {
  return JSON.stringify(effect.sets).match(/"(add|sum|periodAfter|append|arguments|now|next)"/) !== null
}

// The ways around a guard that a year of a small company showed, each as a state, a write and its refusal.
const billed = { status: 'Open', subtotal: 100, total: 100, amountDue: 100 }
const bypasses: readonly (readonly [
  noun: string,
  before: EntityFields,
  verb: string,
  body: Step['body'],
  message: string,
])[] = [
  ['ApiKey', { status: 'Revoked' }, 'update', { status: 'Active' }, 'cannot bring status from Revoked to Active'],
  ['Form', { status: 'Draft' }, 'submit', { data: {} }, 'expects status Published, and it is Draft'],
  ['Form', { status: 'Archived' }, 'submit', { data: {} }, 'expects status Published, and it is Archived'],
  ['Deal', { stage: 'Won' }, 'lose', {}, 'cannot bring stage from Won to Lost'],
  ['Deal', { stage: 'Negotiation' }, 'advance', { stage: 'Won' }, 'cannot bring stage from Negotiation to Won'],
  ['Deal', { stage: 'Lost' }, 'update', { stage: 'Won' }, 'cannot bring stage from Lost to Won'],
  ['Deal', { stage: 'Prospecting' }, 'update', { closedAt: past }, "field 'closedAt' is set only while stage is"],
  ['Lead', { status: 'Converted' }, 'lose', {}, 'cannot bring status from Converted to Lost'],
  ['Lead', { status: 'Converted' }, 'update', { status: 'New' }, 'cannot bring status from Converted to New'],
  ['Contact', { stage: 'Customer' }, 'qualify', {}, 'cannot bring stage from Customer to Qualified'],
  ['Ticket', { status: 'Closed' }, 'resolve', {}, 'cannot bring status from Closed to Resolved'],
  ['Ticket', { status: 'Closed' }, 'update', { status: 'Open' }, 'cannot bring status from Closed to Open'],
  ['Message', { status: 'Draft' }, 'read', {}, 'cannot bring status from Draft to Read'],
  ['Experiment', { status: 'Draft' }, 'conclude', {}, 'cannot bring status from Draft to Concluded'],
  ['Experiment', { status: 'Concluded' }, 'start', {}, 'cannot bring status from Concluded to Running'],
  ['Campaign', { status: 'Completed' }, 'launch', {}, 'cannot bring status from Completed to Launched'],
  ['Goal', { status: 'Achieved' }, 'miss', {}, 'cannot bring status from Achieved to Missed'],
  ['Agent', { status: 'Retired' }, 'do', { task: 'sum up' }, 'expects status Deployed, and it is Retired'],
  ['Issue', { status: 'Done' }, 'assign', { assignee: 'user_1VbZ0kQ3x9Ta' }, 'cannot bring status from Done'],
  ['Workflow', { status: 'Paused' }, 'trigger', {}, 'expects status'],
  ['Invoice', billed, 'credit', { amount: 10, status: 'Paid' }, 'leads to status Open, not to Paid'],
]

test.each(bypasses)('%s %j does not allow %s %j', (noun, before, name, body, message) => {
  const schema = schemas.find((each) => each.name === noun)
  const verb = schema?.verbs[name]
  if (schema === undefined || verb === undefined) throw new Error(`no ${noun}.${name}`)
  const attempt = (): void => {
    const after = decideChange({ schema, verb, current: before, input: body, nowMs: start })
    if (after !== undefined) checkTransition(schema, { verb: name, isRollback: false, before, after })
  }
  expect(attempt).toThrow(
    expect.objectContaining({
      code: 'invalid_transition',
      message: expect.stringContaining(message) as string,
    }) as Error,
  )
})

test('what the world has seen cannot be taken back', () => {
  const irreversible = withState
    .flatMap(({ name, transitions }) =>
      transitions.filter((row) => row.irreversible).map((row) => `${name}.${row.verb}`),
    )
    .toSorted()
  expect(irreversible).toEqual(
    expect.arrayContaining(['ApiKey.revoke', 'Message.send', 'Message.deliver', 'Message.read']),
  )
  const { $schema: key } = nouns.ApiKey
  const made = { event: 'Revoked', before: { status: 'Active' }, after: { status: 'Revoked' } }
  expect(irreversibleTransition(key, made)).toEqual({ from: 'Active', to: 'Revoked' })
  const back = { verb: 'update', isRollback: true, before: made.after, after: made.before }
  expect(() => checkTransition(key, back)).toThrow('Revoked was reached by a transition that cannot be undone')
})
