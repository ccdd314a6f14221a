import { expect, test } from 'vitest'
import { makeSchema } from '../noun/make-schema.ts'
import { decideChange } from './decide-change.ts'

const schema = makeSchema('Robot', {
  fields: { metadata: 'json', parts: 'json merged', notes: 'json', status: 'Off | Started', start: 'Started' },
})
const decide = (verb: string, current: Record<string, object> | undefined, input: Record<string, object | null>) => {
  const found = schema.verbs[verb]
  if (found === undefined) throw new Error(`no verb ${verb}`)
  return decideChange({ schema, verb: found, current: current as never, input: input as never, nowMs: 0 })
}

test.each(['update', 'start'])('%s merges into metadata and into fields that say so, and replaces others', (verb) => {
  const current = { metadata: { a: 1, b: { c: 2, d: 3 } }, parts: { a: 1 }, notes: { a: 1 } }
  const input = { metadata: { b: { c: null, e: 4 } }, parts: { b: 2 }, notes: { b: 2 } }
  expect(decide(verb, current, input)).toMatchObject({
    metadata: { a: 1, b: { d: 3, e: 4 } },
    parts: { a: 1, b: 2 },
    notes: { b: 2 },
  })
  expect(decide(verb, current, input)?.['metadata']).toEqual({ a: 1, b: { d: 3, e: 4 } })
  expect(decide(verb, current, { metadata: null })).not.toHaveProperty('metadata')
  expect(decide(verb, current, { metadata: [1] as never })).toMatchObject({ metadata: [1] })
  expect(current.metadata).toEqual({ a: 1, b: { c: 2, d: 3 } })
})

test.each(['create', 'start'])('%s of a new entity stores what it is given, nulls inside included', (verb) => {
  expect(decide(verb, undefined, { metadata: { a: null } })).toMatchObject({ metadata: { a: null } })
})
