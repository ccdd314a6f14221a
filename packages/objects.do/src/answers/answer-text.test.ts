import { type Authority, fullAuthority } from 'digital-objects'
import { expect, test } from 'vitest'
import type { SentMessage } from './answer.ts'
import { askTenant, formatAnswers } from './answer-text.ts'

const everything = fullAuthority('user_1')
const nobody: Authority = { ...everything, others: { read: 'none', write: 'none', hidden: [], verbs: [] } }

test.each<[string, Authority, SentMessage['caller']['authority']]>([
  ['a full authority crosses as its principal', everything, 'user_1'],
  [
    'one on behalf of somebody crosses whole',
    { ...everything, onBehalfOf: 'user_2' },
    { ...everything, onBehalfOf: 'user_2' },
  ],
  [
    'one through a key crosses as the id of the key',
    { ...everything, through: { kind: 'key', id: 'key_1' } },
    { key: 'key_1' },
  ],
  ['a restricted one crosses whole', nobody, nobody],
])('%s', async (_, authority, sent) => {
  const messages: SentMessage[] = []
  const object = {
    answer: (message: SentMessage) => {
      messages.push(message)
      return Promise.resolve(formatAnswers(['first', '', 'third\n']))
    },
  }
  const caller = { tenant: 'acme', context: 'http://localhost/~acme', authority, via: 'rest' } as const
  expect(await askTenant(object, { caller, calls: [] })).toEqual(['first', '', 'third\n'])
  expect(messages).toEqual([{ caller: { ...caller, authority: sent }, calls: [], mayBegin: true }])
})
