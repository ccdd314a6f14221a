// A model of Workers AI, by the binding that Cloudflare gives. Older models answer in a form of their own, newer ones in that of
// the chat API.

import { isPlainObject } from 'digital-objects'
import type { Embedded, Embedder } from './embedder.ts'
import type { Completion, Model } from './model.ts'
import { ModelRefused } from './model.ts'
import { parseCompletion } from './parse-completion.ts'
import { parseEmbeddings } from './parse-embeddings.ts'

export interface WorkersAi {
  run(model: string, inputs: object): Promise<unknown>
}

export function workersAiModel(ai: WorkersAi): Model {
  return {
    complete: async (request): Promise<Completion> => {
      const { model, messages, tools, temperature, tokensMax } = request
      const answer = await runModel(ai, model, {
        messages,
        ...(tools.length === 0 ? {} : { tools }),
        ...(temperature === undefined ? {} : { temperature }),
        ...(tokensMax === undefined ? {} : { max_tokens: tokensMax }),
      })
      return parseCompletion(JSON.stringify(asChat(answer)), request)
    },
  }
}

/** Answers `{ shape, data }`, with a vector for each text. */
export function workersAiEmbedder(ai: WorkersAi): Embedder {
  return {
    embed: async ({ model, texts }): Promise<Embedded> => {
      const answer = await runModel(ai, model, { text: texts })
      const data = isPlainObject(answer) && Array.isArray(answer['data']) ? (answer['data'] as readonly unknown[]) : []
      return parseEmbeddings({ data: data.map((embedding, index) => ({ index, embedding })) }, texts)
    },
  }
}

/** Throws a ModelRefused. */
export async function runModel(ai: WorkersAi, model: string, inputs: object): Promise<unknown> {
  try {
    return await ai.run(model, inputs)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new ModelRefused(`Workers AI refused the request: ${message}`, { isPermanent: false })
  }
}

function asChat(answer: unknown): unknown {
  if (!isPlainObject(answer) || 'choices' in answer) return answer
  const { response, tool_calls: calls, usage } = answer
  const content = typeof response === 'string' ? response : response === undefined ? '' : JSON.stringify(response)
  const toolCalls = Array.isArray(calls) ? calls.map((one: unknown) => ({ function: one })) : []
  return { choices: [{ message: { content, tool_calls: toolCalls } }], usage }
}
