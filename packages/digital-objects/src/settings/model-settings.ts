// The setting `model`: the language model of the tenant, which its agents think with. The key is no setting: it is the secret
// `model-key`.

import { isPlainObject } from '../base/is-object.ts'
import { type Check, WrongSetting } from './setting-checks.ts'

export interface ModelSettings {
  /** The base address of an OpenAI-compatible API, such as `https://api.openai.com/v1`, or `workers-ai`. */
  readonly server: string
  /** The name of the model, for agents that name none. */
  readonly model: string
  /** Price of a million tokens that the model reads, in major units of the currency that budgets have. */
  readonly inputPrice: number
  /** Price of a million tokens that it writes. */
  readonly outputPrice: number
  /** The model of the same server that makes vectors of texts, for search by meaning; null without one. */
  readonly embeddings: EmbeddingSettings | null
}

export interface EmbeddingSettings {
  readonly model: string
  /** The numbers of a vector, for models that make shorter ones; null for the model's own. */
  readonly dimensions: number | null
  /** The entity types whose texts get vectors; null for all. */
  readonly types: readonly string[] | null
  /** Price of a million tokens. */
  readonly price: number
  /** Tokens of a day (UTC), after which no more texts get vectors; null for any number. */
  readonly tokensPerDay: number | null
}

/** The models that Cloudflare runs beside the Worker. */
export const workersAiServer = 'workers-ai'

const members = ['server', 'model', 'inputPrice', 'outputPrice', 'embeddings']
const embeddingMembers = ['model', 'dimensions', 'types', 'price', 'tokensPerDay']
const dimensionsMax = 8_192
const typesMax = 200
const textCharactersMax = 300
// A query could have a secret in it.
const address = /^https?:\/\/(?:\[[0-9a-f:]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?(?:\/[\w.~-]+)*$/

export const modelOf: Check<ModelSettings | null> = (value) => {
  if (value === null) return null
  if (!isPlainObject(value)) throw new WrongSetting('', 'an object with server and model, or null', value)
  const stray = Object.keys(value).find((name) => !members.includes(name))
  if (stray !== undefined) throw new WrongSetting(stray.slice(0, 64), `one of ${members.join(', ')}`, stray)
  const { server, model, inputPrice = 0, outputPrice = 0, embeddings = null } = value
  const isServer = typeof server === 'string' && server.length <= textCharactersMax
  if (!isServer || (server !== workersAiServer && !address.test(server)))
    // The value may have a key, so it is not repeated.
    throw new WrongSetting(
      'server',
      `the base address of an OpenAI-compatible API such as https://api.openai.com/v1, or ${workersAiServer}, without a key, which is the secret model-key`,
      null,
    )
  return {
    server,
    model: nameOf('model', model),
    inputPrice: priceOf('inputPrice', inputPrice),
    outputPrice: priceOf('outputPrice', outputPrice),
    embeddings: embeddingsOf(embeddings),
  }
}

function embeddingsOf(value: unknown): EmbeddingSettings | null {
  if (value === null) return null
  if (!isPlainObject(value)) throw new WrongSetting('embeddings', 'an object with model, or null', value)
  const stray = Object.keys(value).find((name) => !embeddingMembers.includes(name))
  if (stray !== undefined)
    throw new WrongSetting(`embeddings.${stray.slice(0, 64)}`, `one of ${embeddingMembers.join(', ')}`, stray)
  const { model, dimensions = null, types = null, price = 0, tokensPerDay = null } = value
  return {
    model: nameOf('embeddings.model', model),
    dimensions: countOf('embeddings.dimensions', dimensions, dimensionsMax),
    types: typesOf(types),
    price: priceOf('embeddings.price', price),
    tokensPerDay: countOf('embeddings.tokensPerDay', tokensPerDay, Number.MAX_SAFE_INTEGER),
  }
}

function typesOf(value: unknown): readonly string[] | null {
  if (value === null) return null
  const isList = Array.isArray(value) && value.length > 0 && value.length <= typesMax
  if (isList && value.every((name) => typeof name === 'string' && /^[A-Z][A-Za-z0-9]{0,62}$/.test(name)))
    return value as readonly string[]
  throw new WrongSetting('embeddings.types', 'a list of entity types such as ["Article"], or null for all', value)
}

function countOf(member: string, value: unknown, max: number): number | null {
  if (value === null) return null
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= max) return value
  throw new WrongSetting(member, `an integer from 1 to ${max}, or null`, value)
}

function nameOf(member: string, value: unknown): string {
  if (typeof value === 'string' && /^[\w@][\w@./:+-]{0,199}$/.test(value)) return value
  throw new WrongSetting(member, 'the name of a model such as gpt-4.1-mini', value)
}

function priceOf(member: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw new WrongSetting(member, 'the price of a million tokens, a number from 0', value)
}
