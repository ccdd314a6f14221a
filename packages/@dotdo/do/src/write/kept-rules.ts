// Forced changes pass frozen fields, and from a rollback nothing follows, so either could make amounts contradict the records
// that they add up: an invoice that says it was paid, without a payment, or a subscription without an item that is back. At the
// end of its commit, such a change has broken no rule that held before, of its entity or of those to which it refers. So several
// changes may correct the books together.

import { type JsonValue, ObjectError, parseId } from 'digital-objects'
import { brokenRules } from '../state/broken-rules.ts'
import type { Change } from './change.ts'
import type { ChangeParts } from './perform-change.ts'

type Parts = Pick<ChangeParts, 'sql' | 'state' | 'catalog'>

/** Whether the change could contradict other records, and is compared with them at the end of its commit. */
export function isHeldAtEnd({ force, kind }: Change): boolean {
  return force !== undefined || kind === 'restore'
}

export class KeptRules {
  readonly #parts: Parts
  /** Maps the id of an entity to the rules that it broke before the first forced change of the commit. */
  readonly #before = new Map<string, ReadonlySet<string>>()
  #isForced = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Call it before each change. A history may lack the records of a past that broke the rules, so it is left alone. */
  note(change: Change): void {
    if (!isHeldAtEnd(change) || change.via === 'history') return
    const { target, input = {} } = change
    if (change.force !== undefined) this.#isForced = true
    const fields = target === undefined ? {} : (this.#fieldsOf(target) ?? {})
    for (const id of [target, ...idsIn(fields), ...idsIn(input)])
      if (id !== undefined && !this.#before.has(id)) this.#before.set(id, new Set(this.#broken(id)))
  }

  /** Throws an ObjectError that refuses the commit. */
  check(): void {
    for (const [id, before] of this.#before)
      for (const sentence of this.#broken(id))
        if (!before.has(sentence))
          throw new ObjectError({
            code: this.#isForced ? 'validation_error' : 'conflict',
            message: this.#isForced
              ? `even by force, '${id}' stays as it was: ${sentence}`
              : `an earlier state of one entity alone would contradict '${id}': ${sentence}`,
          })
  }

  #broken(id: string): readonly string[] {
    const { sql, state, catalog } = this.#parts
    const schema = this.#schemaOf(id)
    if (schema === undefined || !state.hasTable(schema.name)) return []
    const reads = { sql, state, lookup: catalog.current.lookup, catalog: () => catalog.current }
    return brokenRules(reads, schema, id)
  }

  #fieldsOf(id: string): Readonly<Record<string, JsonValue>> | undefined {
    const schema = this.#schemaOf(id)
    const { state } = this.#parts
    if (schema === undefined || !state.hasTable(schema.name)) return undefined
    const table = state.tableOf(schema)
    return (state.get(table, id) ?? state.getDeleted(table, id)?.version)?.fields
  }

  #schemaOf(id: string): ReturnType<Parts['catalog']['current']['nouns']['find']> {
    const prefix = parseId(id)?.prefix
    return this.#parts.catalog.current.nouns.find(({ idPrefix }) => idPrefix === prefix)
  }
}

function idsIn(fields: Readonly<Record<string, JsonValue>>): readonly string[] {
  return Object.values(fields)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter((value): value is string => typeof value === 'string' && parseId(value) !== undefined)
}
