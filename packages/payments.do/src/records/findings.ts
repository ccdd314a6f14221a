// Records findings, one for each matter, however often it comes up.

import type { ObjectParts } from '@dotdo/service'
import { type JsonValue, ObjectError } from 'digital-objects'

export type FindingKind = 'Conflict' | 'Difference' | 'Unknown' | 'Unsupported' | 'Refused' | 'Dispute'

export interface Finding {
  readonly kind: FindingKind
  readonly object: string
  readonly externalId: string
  readonly message: string
  readonly remedy: string
  readonly entity?: string | undefined
  readonly field?: string
  readonly ours?: JsonValue
  readonly theirs?: JsonValue
  readonly day?: string
  readonly details?: JsonValue
}

/** What names a matter. */
export type Matter = Pick<Finding, 'kind' | 'object' | 'externalId' | 'field' | 'day'>

const keyCharactersMax = 200
/** Open findings, beyond which further ones of a type of object are one that says so. */
const openMax = 2_000
/** Stands for all further objects of a type. */
const others = '(others)'

export class Findings {
  readonly #parts: Pick<ObjectParts, 'answer' | 'idsWith' | 'read'>
  readonly #provider: string

  constructor(parts: Pick<ObjectParts, 'answer' | 'idsWith' | 'read'>, provider: string) {
    this.#parts = parts
    this.#provider = provider
  }

  /** A matter that was resolved is opened again if it is another now, and a conflict also if it is the same. */
  async record(asked: Finding): Promise<void> {
    const finding = this.#find(keyOf(asked)) === undefined ? this.#limited(asked) : asked
    const key = keyOf(finding)
    const { kind: _kind, object: _object, externalId: _id, field: _field, day: _day, ...changing } = finding
    const found = this.#find(key)
    if (found === undefined) {
      await this.#write('create', undefined, { ...finding, key, provider: this.#provider })
      return
    }
    const entity = this.#parts.read(found) ?? {}
    const isSame = Object.entries(changing).every(
      ([name, value]) => JSON.stringify(entity[name] ?? null) === JSON.stringify(value ?? null),
    )
    if (isSame && (finding.kind !== 'Conflict' || entity['status'] === 'Open')) return
    if (entity['status'] === 'Resolved') await this.#write('reopen', found, {})
    await this.#write('update', found, changing)
  }

  /** Resolves what went away by itself. */
  async settle(about: Matter): Promise<void> {
    const found = this.#find(keyOf(about))
    if (found === undefined || this.#parts.read(found)?.['status'] !== 'Open') return
    await this.#write('resolve', found, { resolution: 'Fixed' })
  }

  isOpen(about: Matter): boolean {
    const found = this.#find(keyOf(about))
    return found !== undefined && this.#parts.read(found)?.['status'] === 'Open'
  }

  /** A decision that waits for a person is always recorded. */
  #limited(finding: Finding): Finding {
    const { kind, object } = finding
    if (kind === 'Conflict' || kind === 'Refused') return finding
    const by = { field: 'status', value: 'Open', limit: openMax } as const
    if (this.#parts.idsWith('PaymentFinding', by).length < openMax) return finding
    return {
      kind,
      object,
      externalId: others,
      message: `there are more than ${openMax} open findings, so further ones of the type ${object} are not recorded`,
      remedy: 'settle the cause that most of them have, and start a sync',
    }
  }

  #find(key: string): string | undefined {
    return this.#parts.idsWith('PaymentFinding', { field: 'key', value: key, limit: 1 })[0]
  }

  async #write(verb: string, id: string | undefined, fields: object): Promise<void> {
    const answer = await this.#parts.answer(
      {
        kind: 'write',
        noun: 'PaymentFinding',
        verb,
        ...(id === undefined ? {} : { id }),
        body: JSON.stringify(fields),
      },
      // Its message and values may quote what a customer wrote.
      { who: this.#provider, via: 'system', origin: this.#provider },
    )
    if (!answer.ok) throw new ObjectError(answer.error)
  }
}

function keyOf({ kind, object, externalId, field, day }: Matter): string {
  const parts = [kind, object, externalId, field, day].filter((part) => part !== undefined)
  return parts.join(' ').slice(0, keyCharactersMax)
}
