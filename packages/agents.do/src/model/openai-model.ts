// A model behind an OpenAI-compatible HTTP API: `POST {server}/chat/completions`.

import type { OutsideOutcome, SendOutside } from '@dotdo/service'
import { tryParseJson } from 'digital-objects'
import type { Embedded, Embedder } from './embedder.ts'
import { type Completion, type Model, ModelRefused } from './model.ts'
import { parseCompletion } from './parse-completion.ts'
import { parseEmbeddings } from './parse-embeddings.ts'

export interface ApiOptions {
  /** The base address, without a slash at its end. */
  readonly server: string
  readonly key: string | undefined
  readonly send: SendOutside
  /** Limits the whole request. */
  readonly msMax: number
}

const answerBytesMax = 2 * 2 ** 20
/** Vectors of a request: at most 32 of 8,192 numbers with 16 characters each. */
const vectorsBytesMax = 4 * 2 ** 20

export function openaiModel(api: ApiOptions): Model {
  return {
    complete: async (request): Promise<Completion> => {
      const { model, messages, tools, temperature, tokensMax } = request
      const body = {
        model,
        messages,
        ...(tools.length === 0 ? {} : { tools }),
        ...(temperature === undefined ? {} : { temperature }),
        ...(tokensMax === undefined ? {} : { [limitName(api)]: tokensMax }),
      }
      const text = await post(api, { path: '/chat/completions', body, bytesMax: answerBytesMax })
      return parseCompletion(text, request)
    },
  }
}

export function openaiEmbedder(api: ApiOptions): Embedder {
  return {
    embed: async ({ model, texts, dimensions }): Promise<Embedded> => {
      const body = { model, input: texts, ...(dimensions === undefined ? {} : { dimensions }) }
      const answer = await post(api, { path: '/embeddings', body, bytesMax: vectorsBytesMax })
      return parseEmbeddings(tryParseJson(answer), texts)
    },
  }
}

/** OpenAI has renamed the limit, and newer models of it refuse the old name, which is the one that other servers know. */
function limitName({ server }: ApiOptions): string {
  return new URL(server).hostname === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens'
}

/** Returns the text of the answer. Throws a ModelRefused. */
export async function post(
  { server, key, send, msMax }: ApiOptions,
  { path, body, bytesMax }: { readonly path: string; readonly body: object; readonly bytesMax: number },
): Promise<string> {
  // A key must not cross the network in the clear.
  const isPrivate = server.startsWith('https:') && key !== undefined
  const headers = { 'content-type': 'application/json', ...(isPrivate ? { authorization: `Bearer ${key}` } : {}) }
  const outcome = await send(
    { method: 'POST', url: server + path, headers, body: JSON.stringify(body) },
    // Another address would get the texts.
    { fault: () => undefined, redirectsMax: 0, msMax, bodyBytesMax: bytesMax },
  )
  if (outcome.kind !== 'answered') throw new ModelRefused(outcome.reason, { isPermanent: outcome.kind === 'refused' })
  if (outcome.status < 200 || outcome.status >= 300) throw refusalOf(outcome)
  if (outcome.isCut) throw new ModelRefused(`the answer is larger than ${bytesMax} bytes`, { isPermanent: true })
  return new TextDecoder().decode(outcome.body)
}

function refusalOf({ status, headers, body }: Extract<OutsideOutcome, { kind: 'answered' }>): ModelRefused {
  // A server may repeat what a sign-in sent.
  const shown = status === 401 || status === 403 ? '' : `: ${new TextDecoder().decode(body)}`
  const isPassing = status === 408 || status === 409 || status === 425 || status === 429 || status >= 500
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return new ModelRefused(`the model's server answered with ${status}${shown}`, {
    isPermanent: !isPassing,
    isOfInput: status === 400 || status === 413 || status === 422,
    retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined,
  })
}
