// The functions that a tenant has stored, by what makes them run. They are derived from its entities, and kept until one of
// these, or a definition that their triggers name, may have changed.

import type { ObjectParts } from '@dotdo/service'
import { type EntityFields, ObjectError } from 'digital-objects'
import { parseHosts } from './outgoing.ts'
import { parseTrigger, runsAfter, type Trigger } from './trigger.ts'

export interface StoredFunction {
  readonly id: string
  readonly name: string
  readonly version: number
  /** JavaScript whose lines are those of the source. */
  readonly code: string
  readonly hash: string
  readonly trigger: Trigger
  readonly schedule: string | undefined
  /** Origins to which it may send requests. */
  readonly origins: readonly string[]
  /** Names of secrets that it may send there. */
  readonly secrets: readonly string[]
}

/** Limits the functions that are looked at. */
const functionsMax = 1_000

interface Kept {
  readonly stamp: string
  readonly definitions: object
  readonly enabled: readonly StoredFunction[]
}

export class StoredFunctions {
  readonly #parts: ObjectParts
  #kept: Kept | undefined

  constructor(parts: ObjectParts) {
    this.#parts = parts
  }

  /** All that are enabled, by name. */
  get enabled(): readonly StoredFunction[] {
    const stamp = this.#parts.stampOf('Function')
    const definitions = this.#parts.nouns()
    if (this.#kept?.stamp !== stamp || this.#kept.definitions !== definitions)
      this.#kept = { stamp, definitions, enabled: this.#read() }
    return this.#kept.enabled
  }

  before(noun: string, verb: string): readonly StoredFunction[] {
    return this.enabled.filter(
      ({ trigger }) => trigger.kind === 'before' && trigger.noun === noun && trigger.verb === verb,
    )
  }

  after(event: { readonly type: string; readonly target: string }): readonly StoredFunction[] {
    return this.enabled.filter(({ trigger }) => runsAfter(trigger, event))
  }

  find(id: string): StoredFunction | undefined {
    return this.enabled.find((one) => one.id === id)
  }

  #read(): readonly StoredFunction[] {
    const { parts } = { parts: this.#parts }
    const ids = parts.idsWith('Function', { field: 'status', value: 'Enabled', limit: functionsMax })
    const found = ids.flatMap((id) => {
      const fields = parts.read(id)
      return fields === undefined ? [] : (toFunction(parts, id, fields) ?? [])
    })
    return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }
}

/** Returns undefined for one whose trigger no longer exists, for example because its Noun was deleted. */
function toFunction(parts: ObjectParts, id: string, fields: EntityFields): StoredFunction | undefined {
  const { name, on, schedule, source, code = source, hash, $version, hosts, secrets } = fields
  try {
    return {
      id,
      name: String(name),
      version: Number($version),
      code: String(code),
      hash: String(hash),
      trigger: parseTrigger(typeof on === 'string' ? on : undefined, parts.lookup),
      schedule: typeof schedule === 'string' ? schedule : undefined,
      origins: parseHosts(hosts),
      secrets: Array.isArray(secrets) ? secrets.map(String) : [],
    }
  } catch (error) {
    if (error instanceof ObjectError) return undefined
    throw error
  }
}
