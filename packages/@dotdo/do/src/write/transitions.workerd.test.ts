// The write path of a real Durable Object enforces the table of transitions, and a refused write leaves no trace.

import { applyVerb, type EntityFields, Noun, type ObjectError, type Verb } from 'digital-objects'
import { expect, test } from 'vitest'
import { type Flushed, inFlushedStore } from '../../test/flushed-store.ts'
import type { Written } from './change.ts'
import type { BeforeHook } from './hooks.ts'

const Invoice = Noun(
  'Invoice',
  { name: 'string!', status: 'Draft | Open | Paid', open: 'Opened', pay: 'Settled' },
  {
    state: 'status',
    transitions: [
      { from: ['Draft'], verb: 'open', to: 'Open' },
      { from: ['Open'], verb: 'pay', to: 'Paid', irreversible: true },
      { from: ['Open'], verb: 'update', to: 'Draft' },
    ],
  },
).$schema
const schemas = [Invoice]

function perform({ write }: Flushed, name: string, target: string): Promise<Written> {
  const verb = Invoice.verbs[name] as Verb
  return write({
    schema: Invoice,
    verb,
    kind: 'change',
    target,
    decide: ({ current, nowMs }) => applyVerb({ schema: Invoice, verb, current, input: {}, nowMs }),
  })
}
const statusOf = ({ row }: Written): unknown => (JSON.parse(row.data) as EntityFields)['status']
const refusal = (work: Promise<unknown>): Promise<ObjectError> =>
  work.then(
    () => Promise.reject(new Error('was not refused')),
    (error: ObjectError) => error,
  )

test('verbs, create and update follow the table, and a refused write leaves no event', () =>
  inFlushedStore(
    async (flushed) => {
      const { store, create, update } = flushed
      const { row } = await create({ name: 'a' }, Invoice)
      expect(await refusal(perform(flushed, 'pay', row.target))).toMatchObject({
        code: 'invalid_transition',
        field: 'status',
        detail: { from: 'Draft', to: ['Paid'], verbs: ['open'] },
      })
      expect(statusOf(await perform(flushed, 'open', row.target))).toBe('Open')
      expect(await refusal(create({ name: 'b', status: 'Paid' }, Invoice))).toMatchObject({
        code: 'invalid_transition',
      })
      expect(statusOf(await update(row.target, { status: 'Draft' }, Invoice))).toBe('Draft')
      expect(await refusal(update(row.target, { status: 'Paid' }, Invoice))).toMatchObject({
        code: 'invalid_transition',
      })
      expect(statusOf(await update(row.target, { name: 'c' }, Invoice))).toBe('Draft')
      expect(store.events.head).toBe(4)
    },
    { schemas },
  ))

test('a rollback of an irreversible transition is refused', () =>
  inFlushedStore(
    async (flushed) => {
      const { create } = flushed
      const { row } = await create({ name: 'a' }, Invoice)
      await perform(flushed, 'open', row.target)
      await perform(flushed, 'pay', row.target)
      const back = flushed.write({
        schema: Invoice,
        verb: Invoice.verbs['update'] as Verb,
        kind: 'restore',
        target: row.target,
        decide: () => ({ name: 'a', status: 'Open' }),
      })
      expect(await refusal(back)).toMatchObject({
        code: 'invalid_transition',
        message: expect.stringContaining('Paid was reached by a transition that cannot be undone') as string,
      })
      expect(flushed.store.events.head).toBe(3)
    },
    { schemas },
  ))

test('a hook that changes the state must follow the table too', () => {
  const jump: BeforeHook = { id: 'jump', applies: () => true, run: (fields) => ({ ...fields, status: 'Paid' }) }
  return inFlushedStore(
    async ({ store, create }) => {
      expect(await refusal(create({ name: 'a' }, Invoice))).toMatchObject({ code: 'invalid_transition' })
      expect(store.events.head).toBe(0)
    },
    { schemas, hooks: { before: [jump], after: [] } },
  )
})
