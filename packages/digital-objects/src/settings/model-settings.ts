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
}

/** The models that Cloudflare runs beside the Worker. */
export const workersAiServer = 'workers-ai'

const members = ['server', 'model', 'inputPrice', 'outputPrice']
const textCharactersMax = 300
// A query could have a secret in it.
const address = /^https?:\/\/(?:\[[0-9a-f:]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?(?:\/[\w.~-]+)*$/

export const modelOf: Check<ModelSettings | null> = (value) => {
  if (value === null) return null
  if (!isPlainObject(value)) throw new WrongSetting('', 'an object with server and model, or null', value)
  const stray = Object.keys(value).find((name) => !members.includes(name))
  if (stray !== undefined) throw new WrongSetting(stray.slice(0, 64), `one of ${members.join(', ')}`, stray)
  const { server, model, inputPrice = 0, outputPrice = 0 } = value
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
  }
}

function nameOf(member: string, value: unknown): string {
  if (typeof value === 'string' && /^[\w@][\w@./:+-]{0,199}$/.test(value)) return value
  throw new WrongSetting(member, 'the name of a model such as gpt-4.1-mini', value)
}

function priceOf(member: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw new WrongSetting(member, 'the price of a million tokens, a number from 0', value)
}
