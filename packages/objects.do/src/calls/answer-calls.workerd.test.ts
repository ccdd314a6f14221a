// Calls of one message: references between them, errors, and fairness to other requests.

import type { Call } from 'digital-objects'
import { expect, test } from 'vitest'
import { answerCalls } from './answer-calls.ts'
import type { Answer } from '../answers/answer.ts'

const read: Call = { kind: 'read', read: 'get', noun: 'Contact', id: '', parameters: {} }
const pipeline: Call = { kind: 'pipeline', read: 'find', noun: 'Contact', parameters: {}, steps: [] }

function answered(body: unknown): Answer {
  return { ok: true, body: JSON.stringify(body), bookmark: 'a.1', source: 'object' }
}

test('calls start in order, and one with a reference starts after the call that it refers to', async () => {
  const begun: string[] = []
  const calls: Call[] = [
    { ...read, id: 'first' },
    { ...read, references: [{ call: 0, path: ['$id'], into: 'id', at: [] }] },
    { ...read, id: 'third' },
  ]
  const answers = await answerCalls(calls, async (call) => {
    begun.push('id' in call ? (call.id ?? '') : '')
    return answered({ $id: 'from the first' })
  })
  expect(begun).toEqual(['first', 'third', 'from the first'])
  expect(answers).toHaveLength(3)
})

test('a failed call fails the calls that refer to it with the same error, and no others', async () => {
  const refused: Answer = { ok: false, error: { code: 'not_found', message: 'gone' }, bookmark: 'a.1' }
  const onFirst = [{ call: 0, path: ['$id'], into: 'id', at: [] }] as const
  const calls: Call[] = [read, { ...read, references: onFirst }, { ...pipeline, id: '', references: onFirst }, read]
  let count = 0
  const answers = await answerCalls(calls, async () => (count++ === 0 ? refused : answered({})))
  expect(answers.map(({ ok }) => ok)).toEqual([false, false, false, true])
  expect(answers[1]).toBe(refused)
  expect(count).toBe(2)
})

test('a missing part or target of a reference is refused, and the error names it', async () => {
  const refer = (path: readonly string[], at: readonly string[]): Call => ({
    kind: 'write',
    noun: 'Deal',
    verb: 'create',
    body: '{"contact":null}',
    references: [{ call: 0, path, into: 'body', at }],
  })
  const calls = [
    read,
    refer(['name', 'first'], ['contact']),
    refer(['name'], ['__proto__', 'x']),
    refer(['name'], ['no']),
  ]
  const answers = await answerCalls(calls, async () => answered({ name: 'Ada' }))
  for (const answer of answers.slice(1))
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid_reference' } })
  expect(answers[1]).toMatchObject({ error: { message: "the result of Contact.get has no 'name.first'" } })
})

test('other requests run between pipelines, however many there are and whatever they refer to', async () => {
  let turns = 0
  let isOver = false
  const other = async (): Promise<void> => {
    for (; !isOver; turns++) await new Promise((resolve) => setTimeout(resolve, 0))
  }
  const others = other()
  const onFirst = [{ call: 0, path: ['$id'], into: 'filter', at: ['contact'] }] as const
  const parameters = { filter: '{"contact":null}' }
  const calls = [read, ...Array.from({ length: 20 }, () => ({ ...pipeline, parameters, references: onFirst }))]
  const seen: number[] = []
  await answerCalls(calls, async () => {
    seen.push(turns)
    return answered({ $id: 'x' })
  })
  isOver = true
  await others
  expect(new Set(seen.slice(1)).size).toBeGreaterThan(15)
})
