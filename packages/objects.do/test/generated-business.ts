// Generates writes of all Nouns: creations, verbs, updates, deletions, rollbacks and undos, with values that are often wrong.

import type { Call, JsonValue, NounSchema, StoredField, Verb } from 'digital-objects'
import { minimalFields } from './minimal-fields.ts'

/** Returns a number from 0 up to 1. */
export type Random = () => number

export interface Made {
  readonly noun: string
  readonly id: string
}

/** The entities and commits so far. */
export interface Business {
  readonly made: readonly Made[]
  readonly commits: readonly number[]
}

export class GeneratedBusiness {
  readonly #schemas: readonly NounSchema[]
  readonly #random: Random

  /** A Noun that is listed twice is written twice as often. */
  constructor(schemas: readonly NounSchema[], random: Random) {
    this.#schemas = schemas
    this.#random = random
  }

  next(business: Business): Call {
    const { made, commits } = business
    const at = this.#random()
    const entity = made.length === 0 || at < 0.2 ? undefined : this.#pick(made.slice(-60))
    const schema = this.#schemas.find(({ name }) => name === entity?.noun)
    if (entity === undefined || schema === undefined) return this.#creation(business)
    const call = { kind: 'write', noun: entity.noun, id: entity.id } as const
    if (at < 0.24) return { ...call, verb: 'delete', body: '' }
    if (at < 0.28) return { ...call, verb: 'rollback', body: JSON.stringify({ version: 1 + this.#below(4) }) }
    if (at < 0.31 && commits.length > 0) return this.#undo(this.#pick(commits.slice(-20)))
    if (at < 0.5)
      return { ...call, verb: 'update', body: JSON.stringify(this.#fields(schema, business)), ...this.#at() }
    const verb = this.#pick(Object.values(schema.verbs).filter(({ category }) => category === 'custom'))
    if (verb === undefined) return { ...call, verb: 'update', body: JSON.stringify(this.#fields(schema, business)) }
    return { ...call, verb: verb.name, body: JSON.stringify(this.#arguments(schema, verb, business)), ...this.#at() }
  }

  #creation(business: Business): Call {
    const schema = this.#pick(this.#schemas)
    const creating = Object.values(schema.verbs).find(({ effect }) => effect.creates === true)
    const verb = creating !== undefined && this.#random() < 0.3 ? creating.name : 'create'
    const body = minimalFields(schema, this.#fields(schema, business), (noun) => {
      const known = business.made.filter((one) => one.noun === noun)
      return known.length === 0 ? undefined : this.#pick(known).id
    })
    return { kind: 'write', noun: schema.name, verb, body: JSON.stringify(body), ...this.#at() }
  }

  #undo(commit: number): Call {
    return { kind: 'write', noun: '', verb: 'commits.undo', id: String(commit), body: '' }
  }

  #arguments(schema: NounSchema, verb: Verb, business: Business): Record<string, JsonValue> {
    const { argumentsOnly = [], argumentsRequired = [] } = verb.effect
    const names = [...argumentsRequired.map((one) => [one].flat()[0] ?? ''), ...argumentsOnly]
    const own = names.flatMap((name) => {
      const field = schema.fields[name]
      if (this.#random() < 0.4) return []
      const value = field === undefined || field.kind === 'reverse' ? this.#amount() : this.#value(field, business)
      return value === undefined ? [] : [[name, value] as const]
    })
    return { ...(this.#random() < 0.4 ? this.#fields(schema, business) : {}), ...Object.fromEntries(own) }
  }

  /** A few fields, of which the state and references are the most frequent. */
  #fields(schema: NounSchema, business: Business): Record<string, JsonValue> {
    const stored = Object.values(schema.fields).filter((field): field is StoredField => field.kind !== 'reverse')
    const often = stored.filter(({ kind, name }) => kind === 'reference' || name === schema.state)
    const fields: Record<string, JsonValue> = {}
    for (let left = this.#below(4); left > 0; left--) {
      const field = this.#pick(this.#random() < 0.5 && often.length > 0 ? often : stored)
      const value = this.#random() < 0.1 ? null : this.#value(field, business)
      if (value !== undefined) fields[field.name] = value
    }
    return fields
  }

  #value(field: StoredField, { made }: Business): JsonValue | undefined {
    const value = this.#one(field, made)
    return value === undefined || !field.many ? value : [value]
  }

  #one(field: StoredField, made: readonly Made[]): JsonValue | undefined {
    if (field.kind === 'enum') return this.#pick(field.values)
    if (field.kind === 'reference') {
      const targets = made.filter(({ noun }) => field.to.includes(noun))
      return targets.length === 0 ? undefined : this.#pick(targets.slice(-20)).id
    }
    switch (field.type) {
      case 'number':
      case 'integer':
        return this.#pick<JsonValue>([0, 1, 3, 40, -2, 0.5, 101])
      case 'money':
        return this.#amount()
      case 'boolean':
        return this.#random() < 0.5
      case 'datetime':
        return this.#pick(['2025-06-01T00:00:00.000Z', '2026-02-28T12:00:00+02:00', '2027-01-31T23:59:59Z'])
      case 'date':
        return this.#pick(['2025-06-01', '2026-02-28'])
      case 'json':
        return this.#pick<JsonValue>([{ a: 1 }, [{ amount: 100 }, { amount: 40 }], [{ amount: -7 }], [], 'x'])
      case 'url':
        return 'https://example.com'
      case 'email':
        return `${this.#below(9)}@example.com`
      case 'currency':
        return this.#pick(['USD', 'EUR', 'JPY', 'xxx'])
      default:
        return field.unique ? `u${this.#below(99)}` : this.#pick(['x', 'y', 'Europe/Berlin', 'Monthly'])
    }
  }

  #amount(): number {
    return this.#pick([0, 1, 40, 100, 4_900, -5, 0.5])
  }

  #at(): { readonly at?: string } {
    return this.#random() < 0.1 ? { at: '2025-03-30T00:30:00.000Z' } : {}
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item
  }
}
