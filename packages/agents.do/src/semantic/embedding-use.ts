// Tokens and cost of a day (UTC) that the texts of a tenant and the searches in them took.

import type { ObjectParts } from '@dotdo/service'
import { type EmbeddingSettings, isPlainObject, ObjectError, tryParseJson } from 'digital-objects'

export interface Used {
  readonly tokens: number
  readonly cost: number
}

const dayMs = 86_400_000
/** The use of a month can be looked up. */
const keptMs = 35 * dayMs
const perPrice = 1_000_000

export class EmbeddingUse {
  readonly #parts: Pick<ObjectParts, 'values'>
  readonly #now: () => number

  constructor(parts: Pick<ObjectParts, 'values'>, now: () => number) {
    this.#parts = parts
    this.#now = now
  }

  today(): Used {
    const stored = tryParseJson(this.#parts.values()?.get(this.#key)?.value ?? '{}')
    const { tokens, cost } = isPlainObject(stored) ? stored : {}
    return { tokens: typeof tokens === 'number' ? tokens : 0, cost: typeof cost === 'number' ? cost : 0 }
  }

  /** Returns what was counted. */
  add(tokens: number, { price }: Pick<EmbeddingSettings, 'price'>): Used {
    const used = this.today()
    const added = { tokens, cost: (tokens * price) / perPrice }
    const value = JSON.stringify({ tokens: used.tokens + tokens, cost: used.cost + added.cost })
    this.#parts.values()?.put({ key: this.#key, value, endsMs: this.#now() + keptMs })
    return added
  }

  /** The start of the next day, if the tokens of this one are used up. */
  spentUntilMs({ tokensPerDay }: Pick<EmbeddingSettings, 'tokensPerDay'>): number | undefined {
    if (tokensPerDay === null || this.today().tokens < tokensPerDay) return undefined
    return (Math.floor(this.#now() / dayMs) + 1) * dayMs
  }

  /** Throws an ObjectError `budget_exceeded`. */
  require(settings: EmbeddingSettings): void {
    const untilMs = this.spentUntilMs(settings)
    if (untilMs === undefined) return
    const resetsAt = new Date(untilMs).toISOString()
    throw new ObjectError({
      code: 'budget_exceeded',
      field: 'tokens',
      message: `the setting model.embeddings allows ${settings.tokensPerDay} tokens a day, which are used up; the next day begins at ${resetsAt}`,
      detail: { resetsAt, retryAfterSeconds: Math.ceil((untilMs - this.#now()) / 1_000) },
    })
  }

  get #key(): string {
    return `embedding-use:${new Date(this.#now()).toISOString().slice(0, 10)}`
  }
}
