// The deeds of the sample company at a time of its year: an act is one write, a step is what no verb of one entity does. In an act
// `@name` stands for the id of what an earlier deed named so, and `@name.field` for a field of it as it was then; `@on:12` and
// `@at:12.5` for the date and the time of that day of the year.

import type { ApprovalRule } from 'digital-objects'
import type { FunctionInput } from '../calls/put-function.ts'
import type { WebhookInput } from '../client/webhooks.ts'

export interface DemoAct {
  /** Days since the year began, with a part of a day. */
  readonly day: number
  /** `Lead.convert`; the name of its Noun and its verb. */
  readonly write: `${string}.${string}`
  readonly target?: string
  readonly body?: Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[]
  /** The name of its result. */
  readonly as?: string
  /** The name of the agent that writes it, with a key of its own; by default the caller who loads the company. */
  readonly by?: string
}

/** Names stand without `@`. */
export type DemoStep = { readonly day: number } & (
  | { readonly step: 'name the first'; readonly noun: string; readonly filter: object; readonly as: string }
  | { readonly step: 'give a key'; readonly agent: string; readonly name: string }
  | { readonly step: 'take back'; readonly agent: string; readonly since: number }
  | { readonly step: 'set rules'; readonly rules: readonly ApprovalRule[] }
  | { readonly step: 'approve'; readonly proposal: string }
  | { readonly step: 'refuse'; readonly proposal: string; readonly reason: string }
  | { readonly step: 'put a function'; readonly name: string; readonly input: FunctionInput }
  | { readonly step: 'prepare a webhook'; readonly input: WebhookInput }
  | {
      readonly step: 'expose'
      readonly experiment: string
      readonly visitors: readonly string[]
      /** The share of participants that orders, by variant. */
      readonly shares: Readonly<Record<string, number>>
      readonly orderedAt: number
    }
)

export type DemoDeed = DemoAct | DemoStep

export function isAct(deed: DemoDeed): deed is DemoAct {
  return 'write' in deed
}

const dayMs = 86_400_000
const reference = /^@([a-z0-9-]+)(?:\.(\w+))?$/
const time = /^@(on|at):(-?[\d.]+)$/

/** Names that acts have given to entities, with their fields. */
export class DemoNames {
  readonly #entities = new Map<string, Readonly<Record<string, unknown>>>()
  readonly #startMs: number

  constructor(startMs: number) {
    this.#startMs = startMs
  }

  name(name: string, entity: Readonly<Record<string, unknown>>): void {
    this.#entities.set(name, entity)
  }

  /** Replaces the names in a value, at any depth. Throws for a name that no act has given. */
  resolve(value: unknown): unknown {
    if (typeof value === 'string') return value.startsWith('@') ? this.#lookup(value) : value
    if (Array.isArray(value)) return value.map((item: unknown) => this.resolve(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.resolve(part)]))
  }

  /** The time of a day of the year. */
  timeOf(day: number): string {
    return new Date(this.#startMs + Math.round(day * dayMs)).toISOString()
  }

  #lookup(text: string): unknown {
    const [, form, day = ''] = time.exec(text) ?? []
    if (form !== undefined) return form === 'at' ? this.timeOf(Number(day)) : this.timeOf(Number(day)).slice(0, 10)
    const [, name = '', field = '$id'] = reference.exec(text) ?? []
    const entity = this.#entities.get(name)
    if (entity === undefined) throw new Error(`no act has named '${name}' of '${text}'`)
    return entity[field]
  }
}

/** The names that an act uses. */
export function namesIn({ target, body }: DemoAct): ReadonlySet<string> {
  const found = JSON.stringify([target, body]).matchAll(/"@([a-z0-9-]+)(?:\.\w+)?"/g)
  return new Set([...found].map(([, name = '']) => name))
}

/** A time of work on a day: what happens on the same day at the same hour needs one step of the clock. */
export function atHour(day: number, hour: number): number {
  return Math.floor(day) + hour / 24
}
