import { expect, test } from 'vitest'
import { readRunFacts } from './run-facts.ts'

test('returns the definitions by name, and the time of the clock', async () => {
  const asked: string[] = []
  const definition = { fields: { name: 'string!' } }
  const answerMessage = (text: string): Promise<readonly string[]> => {
    asked.push(text)
    return Promise.resolve([
      `{"ok":true,"bookmark":"a.1"}\n${JSON.stringify({ Car: { name: 'Car', definition } })}`,
      '{"ok":true,"bookmark":"a.1"}\n{"now":"2026-01-01T00:00:00.000Z","isTest":true}',
    ])
  }
  const nowMs = Date.UTC(2026, 0, 1)
  expect(await readRunFacts({ answerMessage })).toEqual({ definitions: { Car: definition }, nowMs })
  expect(asked.map((text): unknown => JSON.parse(text))).toEqual([
    {
      calls: [
        { kind: 'read', read: 'schemas', parameters: { defined: 'true' } },
        { kind: 'read', read: 'clock', parameters: {} },
      ],
    },
  ])
})

test.each([
  ['a refusal', ['{"ok":false,"problem":{"code":"overloaded"}}\n']],
  ['no answer', []],
  ['a body that is not JSON', ['{"ok":true}\n{']],
])('%s leaves the code with the built-in Nouns', async (_, answers) => {
  expect(await readRunFacts({ answerMessage: () => Promise.resolve(answers) })).toEqual({ definitions: {} })
})
