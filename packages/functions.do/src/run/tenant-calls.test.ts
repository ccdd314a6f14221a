import type { Call } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TenantCalls } from './tenant-calls.ts'

const read: Call = { kind: 'read', read: 'find', noun: 'Contact', parameters: {} }
const write: Call = { kind: 'write', noun: 'Contact', verb: 'create', body: '{}' }

/** Its messages are calls as JSON; it answers each with the number of calls that were admitted. */
function opened(keyBase?: string): TenantCalls {
  return new TenantCalls({
    keyBase,
    answerMessage: (text, admit) => {
      try {
        return Promise.resolve([String(admit(JSON.parse(text) as Call[]).length)])
      } catch (error) {
        return Promise.resolve([String(error)])
      }
    },
  })
}

test('an attempt is repeatable until it writes, and for ever if its request may be sent again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.constantFrom(read, write))), async (messages) => {
      const [once, keyed] = [opened(), opened('key')]
      for (const calls of messages) await Promise.all([once, keyed].map(({ send }) => send(JSON.stringify(calls))))
      expect(once.isRepeatable()).toBe(!messages.flat().includes(write))
      expect(keyed.isRepeatable()).toBe(true)
    }),
  )
})

test('calls beyond the limit are refused, and an attempt that goes on sending messages is ended', async () => {
  const calls = opened()
  let hasEnded = false
  void calls.ended.then(() => (hasEnded = true))
  expect(await calls.send(JSON.stringify(Array.from({ length: 1_000 }, () => read)))).toEqual(['1000'])
  for (let sent = 1; sent < 1_010; sent++) {
    expect(await calls.send(JSON.stringify([read]))).toEqual([expect.stringContaining('at most 1000 calls')])
  }
  expect(hasEnded).toBe(false)
  await calls.send('[]')
  expect(await calls.ended).toMatchObject({ code: 'code_failed' })
})

test('a closed attempt makes no more calls', async () => {
  const calls = opened()
  calls.close()
  expect(await calls.send(JSON.stringify([write]))).toEqual([expect.stringContaining('the run has ended')])
  expect(calls.isRepeatable()).toBe(true)
})
