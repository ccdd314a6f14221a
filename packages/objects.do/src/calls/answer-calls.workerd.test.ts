// Calls of one message: what they get of each other, and that others get their turn beside them.

import type { Call } from 'digital-objects'
import { expect, test } from 'vitest'
import { answerCalls } from './answer-calls.ts'
import type { Answer } from '../answers/answer.ts'

const read: Call = { kind: 'read', read: 'get', noun: 'Contact', id: '', parameters: {} }
const pipeline: Call = { kind: 'pipeline', read: 'find', noun: 'Contact', parameters: {}, steps: [] }

function answered(body: unknown): Answer {
  return { ok: true, body: JSON.stringify(body), bookmark: 'a.1', source: 'object' }
}

test('a call begins in its turn, and one that refers to another when that has come', async () => {
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

test('what fails fails what refers to it, in the same words, and nothing else', async () => {
  const refused: Answer = { ok: false, error: { code: 'not_found', message: 'gone' }, bookmark: 'a.1' }
  const onFirst = [{ call: 0, path: ['$id'], into: 'id', at: [] }] as const
  const calls: Call[] = [read, { ...read, references: onFirst }, { ...pipeline, id: '', references: onFirst }, read]
  let count = 0
  const answers = await answerCalls(calls, async () => (count++ === 0 ? refused : answered({})))
  expect(answers.map(({ ok }) => ok)).toEqual([false, false, false, true])
  expect(answers[1]).toBe(refused)
  expect(count).toBe(2)
})

test('a part that is not there is refused by its name, as is a place that is not', async () => {
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

test('between pipelines others get their turn, however many there are and whatever they refer to', async () => {
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
