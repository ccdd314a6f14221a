import { expect, test } from 'vitest'
import { definedNouns } from './defined-nouns.ts'

test('returns the definitions in the answer, by name', async () => {
  const asked: string[] = []
  const definition = { fields: { name: 'string!' } }
  const answerMessage = (text: string): Promise<readonly string[]> => {
    asked.push(text)
    return Promise.resolve([`{"ok":true,"bookmark":"a.1"}\n${JSON.stringify({ Car: { name: 'Car', definition } })}`])
  }
  expect(await definedNouns({ answerMessage })).toEqual({ Car: definition })
  expect(asked.map((text): unknown => JSON.parse(text))).toEqual([
    { calls: [{ kind: 'read', read: 'schemas', parameters: { defined: 'true' } }] },
  ])
})

test.each([
  ['a refusal', ['{"ok":false,"problem":{"code":"overloaded"}}\n']],
  ['no answer', []],
  ['a body that is not JSON', ['{"ok":true}\n{']],
])('%s leaves the code with the built-in Nouns', async (_, answers) => {
  expect(await definedNouns({ answerMessage: () => Promise.resolve(answers) })).toEqual({})
})
