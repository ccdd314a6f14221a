import { expect, test } from 'vitest'
import type { ObjectEvent } from '@headlessly/sdk'
import { eventsOfWrites, writesOfRun } from './run-writes.ts'

const call = (id: string, args: object) => ({
  id,
  type: 'function',
  function: { name: 'write', arguments: JSON.stringify(args) },
})
const messages = [
  { role: 'user', content: 'Tidy up' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [
      call('a', { type: 'Deal', verb: 'win', id: 'deal_1' }),
      call('b', { type: 'Deal', verb: 'delete', id: 'deal_2' }),
      call('c', { type: 'Deal', verb: 'win', id: 'deal_3' }),
    ],
  },
  // The answer was cut.
  {
    role: 'tool',
    tool_call_id: 'a',
    content: '{"$type":"Deal","$id":"deal_1","$version":2,"name":"Be… (cut: 20000 characters',
  },
  { role: 'tool', tool_call_id: 'b', content: 'done' },
  {
    role: 'tool',
    tool_call_id: 'c',
    content: '{"refused":"invalid_transition","message":"{\\"$id\\":\\"deal_3\\",\\"$version\\":9}"}',
  },
]
const event = (of: Partial<ObjectEvent>): ObjectEvent =>
  ({ key: 'agent_1', seq: of.commit, type: 'Deal.Won', version: 1, ...of }) as ObjectEvent

test('the writes of a run are those that the server has made, also where an answer was cut', () => {
  expect(writesOfRun(messages)).toEqual([
    { id: 'deal_1', version: 2 },
    { id: 'deal_2', version: undefined },
  ])
  expect(writesOfRun(undefined)).toEqual([])
  expect(writesOfRun([{ role: 'assistant', tool_calls: [call('x', {})] }, 'noise', null])).toEqual([])
})

test('the events of a run are whole commits of its agent, without those of another run and those that were taken back', () => {
  const events = [
    event({ commit: 1, target: 'deal_1', version: 2 }),
    event({ commit: 1, target: 'contact_1', version: 7, type: 'Contact.Updated' }),
    event({ commit: 3, target: 'deal_1', version: 3 }),
    event({ commit: 4, target: 'deal_2', version: 5, type: 'Deal.Deleted', key: 'agentrun_1' }),
    event({ commit: 5, target: 'deal_1', version: 2, key: 'agentrun_2' }),
  ]
  const chosen = (all: readonly ObjectEvent[]) =>
    eventsOfWrites(all, { writes: writesOfRun(messages), keys: ['agentrun_1', 'agent_1'] }).map(
      ({ commit, target }) => [commit, target],
    )
  expect(chosen(events)).toEqual([
    [1, 'deal_1'],
    [1, 'contact_1'],
    [4, 'deal_2'],
  ])
  expect(chosen([...events, event({ commit: 6, target: 'deal_1', version: 4, undoes: 1 })])).toEqual([[4, 'deal_2']])
})
