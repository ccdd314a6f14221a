// Answers of models: as the chat API defines it, and as servers leave parts of it out.

import { expect, test } from 'vitest'
import { ModelRefused } from './model.ts'
import { parseCompletion } from './parse-completion.ts'
import { workersAiModel } from './workers-ai-model.ts'

const request = { model: 'small', messages: [{ role: 'user', content: 'x'.repeat(400) }], tools: [] } as const
const parse = (body: unknown) => parseCompletion(JSON.stringify(body), request)

test('an answer has its text, its calls and its tokens, which are estimated where the server counts none', () => {
  const called = { id: 'a', type: 'function', function: { name: 'get', arguments: '{"id":"deal_1"}' } }
  expect(
    parse({
      choices: [{ message: { content: null, tool_calls: [called] } }],
      usage: { prompt_tokens: 7, completion_tokens: 2 },
    }),
  ).toEqual({ message: { role: 'assistant', content: '', tool_calls: [called] }, inputTokens: 7, outputTokens: 2 })
  const { message, inputTokens, outputTokens } = parse({
    choices: [{ message: { content: 'hi', tool_calls: [{ function: { name: 'get', arguments: { id: 'deal_1' } } }] } }],
    usage: { prompt_tokens: -1 },
  })
  expect(message.tool_calls).toEqual([{ ...called, id: 'call_0' }])
  expect(inputTokens).toBeGreaterThan(100)
  expect(outputTokens).toBeGreaterThan(10)
})

test.each([['no JSON'], [{}], [{ choices: [] }], [{ choices: [{ message: { tool_calls: [{}] } }] }], [null]])(
  'an answer that is none is refused, and asked for again: %j',
  (body) => {
    expect(() => parseCompletion(typeof body === 'string' ? body : JSON.stringify(body), request)).toThrow(ModelRefused)
  },
)

test('Workers AI answers in its own form or in that of the chat API', async () => {
  const asked: unknown[] = []
  const answering = (answer: unknown) =>
    workersAiModel({
      run: async (...given) => {
        asked.push(given)
        return answer
      },
    })
  const own = {
    response: 'hi',
    tool_calls: [{ name: 'get', arguments: { id: 'deal_1' } }],
    usage: { prompt_tokens: 3 },
  }
  expect(await answering(own).complete(request)).toMatchObject({
    message: { content: 'hi', tool_calls: [{ function: { name: 'get', arguments: '{"id":"deal_1"}' } }] },
    inputTokens: 3,
  })
  const chat = { choices: [{ message: { content: 'ho' } }] }
  expect(await answering(chat).complete({ ...request, tokensMax: 5 })).toMatchObject({ message: { content: 'ho' } })
  expect(asked[1]).toEqual(['small', { messages: request.messages, max_tokens: 5 }])
})
