// Answers of APIs of vectors: as OpenAI defines them, and all that must not reach the index.

import { expect, test } from 'vitest'
import { ModelRefused } from './model.ts'
import { parseEmbeddings } from './parse-embeddings.ts'
import { workersAiEmbedder } from './workers-ai-model.ts'

const item = (index: number, embedding: unknown): object => ({ object: 'embedding', index, embedding })
const parse = (data: unknown, texts = ['a', 'b']) => parseEmbeddings({ data }, texts)

test('vectors have length 1, are in the order of the texts, and their tokens are estimated where the server counts none', () => {
  const body = { data: [item(1, [0, -2]), item(0, [3, 4])], usage: { prompt_tokens: 7 } }
  const { vectors, tokens } = parseEmbeddings(body, ['a', 'b'])
  expect([vectors.map((vector) => [...vector]), tokens]).toEqual([
    [
      [Math.fround(0.6), Math.fround(0.8)],
      [0, -1],
    ],
    7,
  ])
  expect(parseEmbeddings({ data: [item(0, [1])], usage: { prompt_tokens: -1 } }, ['x'.repeat(400)]).tokens).toBe(100)
})

test.each([
  ['no data', undefined],
  ['too few', [item(0, [1])]],
  ['too many', [item(0, [1]), item(1, [1]), item(2, [1])]],
  ['one of no text', [item(0, [1]), item(2, [1])]],
  ['one twice', [item(0, [1]), item(0, [1])]],
  ['different sizes', [item(0, [1]), item(1, [1, 2])]],
  ['nothing in it', [item(0, []), item(1, [])]],
  ['no list', [item(0, 'AAAA'), item(1, 'AAAA')]],
  ['null for a number', [item(0, [1, null]), item(1, [1, 2])]],
  ['a number as text', [item(0, [1, '2']), item(1, [1, 2])]],
  ['zeros', [item(0, [0, 0]), item(1, [1, 2])]],
  ['numbers whose squares are infinite', [item(0, [1e200, 1]), item(1, [1, 2])]],
  [
    'too many numbers',
    [
      item(
        0,
        Array.from({ length: 8_193 }, () => 1),
      ),
      item(1, [1]),
    ],
  ],
])('an answer with %s is refused', (_, data) => {
  expect(() => parse(data)).toThrow(ModelRefused)
})

test('Workers AI gives the vectors alone', async () => {
  const asked: unknown[] = []
  const ai = {
    run: async (...given: unknown[]) => {
      asked.push(given)
      return { shape: [1, 2], data: [[0, 5]] }
    },
  }
  const { vectors } = await workersAiEmbedder(ai).embed({ model: '@cf/baai/bge-m3', texts: ['a'] })
  expect([vectors.map((vector) => [...vector]), asked]).toEqual([[[0, 1]], [['@cf/baai/bge-m3', { text: ['a'] }]]])
})
