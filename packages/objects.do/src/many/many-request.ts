// The bodies of `createMany`, `updateMany` and `deleteMany`: entities, or a choice of existing ones by their ids or a filter.

import {
  happenedAtRule,
  idempotencyKeyRule,
  isIdempotencyKey,
  isPlainObject,
  type JsonValue,
  nearestName,
  ObjectError,
  parseHappenedAt,
} from 'digital-objects'
import { type Body, parseBody } from '../writes/parse-body.ts'

/** A choice of entities of one Noun. */
export type Choice =
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  /** Its filter is parsed by the Noun, in the lane. */
  | { readonly kind: 'filter'; readonly filter: JsonValue }

/** The fields of a new entity, the key under which it is created once, and the time at which it was created. */
export interface NewEntity {
  readonly body: Body
  readonly key?: string
  readonly at?: string
}

export interface NewEntities {
  readonly entities: readonly NewEntity[]
  /** Whether one that is refused refuses all. */
  readonly isAtomic: boolean
}

/** Throws an ObjectError that names the field, as the others do. */
export function parseEntities(text: string): NewEntities {
  const { entities, at: times, keys, atomic = true, ...others } = parseBody(text)
  refuseOthers(others, ['entities', 'at', 'keys', 'atomic'])
  if (typeof atomic !== 'boolean') throw invalid('atomic', `expects true or false, got ${show(atomic)}`)
  if (!Array.isArray(entities) || entities.length === 0)
    throw invalid('entities', 'expects a list of at least one entity')
  if (times !== undefined && (!Array.isArray(times) || times.length !== entities.length))
    throw invalid('at', `expects a list of ${entities.length} timestamps, one for each entity, or null`)
  if (keys !== undefined && (!Array.isArray(keys) || keys.length !== entities.length))
    throw invalid('keys', `expects a list of ${entities.length} idempotency keys, one for each entity`)
  const parsed = entities.map((body: JsonValue, index) => {
    if (!isPlainObject(body)) throw invalid(`entities[${index}]`, `expects an object of fields, got ${show(body)}`)
    const time: JsonValue = times?.[index] ?? null
    return {
      body,
      ...(keys === undefined ? {} : { key: parseKey(keys[index], index) }),
      ...(time === null ? {} : { at: parseTime(time, index) }),
    }
  })
  return { entities: parsed, isAtomic: atomic }
}

function parseKey(value: JsonValue | undefined, index: number): string {
  if (typeof value === 'string' && isIdempotencyKey(value)) return value
  throw invalid(`keys[${index}]`, `expects ${idempotencyKeyRule}, got ${show(value)}`)
}

function parseTime(value: JsonValue, index: number): string {
  const at = parseHappenedAt(value)
  if (at !== undefined) return at
  throw invalid(`at[${index}]`, `expects ${happenedAtRule}, got ${show(value)}`)
}

export function parseUpdate(text: string): { readonly choice: Choice; readonly set: Body } {
  const { set, ...chosen } = parseBody(text)
  if (!isPlainObject(set)) throw invalid('set', `expects an object of fields, got ${show(set)}`)
  return { choice: parseChoice(chosen, ['ids', 'filter', 'set']), set }
}

export function parseDeletion(text: string): Choice {
  return parseChoice(parseBody(text), ['ids', 'filter'])
}

function parseChoice({ ids, filter, ...others }: Body, known: readonly string[]): Choice {
  refuseOthers(others, known)
  if ((ids === undefined) === (filter === undefined))
    throw invalid(ids === undefined ? 'ids' : 'filter', 'expects either ids or filter')
  if (filter !== undefined) {
    if (isPlainObject(filter)) return { kind: 'filter', filter }
    throw invalid('filter', `expects a filter such as {"stage":"Lead"}, got ${show(filter)}`)
  }
  if (!Array.isArray(ids) || ids.length === 0) throw invalid('ids', 'expects a list of at least one id')
  const texts = ids.map((id: JsonValue, at) => {
    if (typeof id === 'string') return id
    throw invalid(`ids[${at}]`, `expects an id, got ${show(id)}`)
  })
  return { kind: 'ids', ids: [...new Set(texts)] }
}

function refuseOthers(others: Body, known: readonly string[]): void {
  const [unknown] = Object.keys(others)
  if (unknown === undefined) return
  const nearest = nearestName(unknown, known)
  const hint = nearest === undefined ? `expected ${known.join(', ')}` : `did you mean '${nearest}'?`
  throw invalid(unknown.slice(0, 64), `is unknown; ${hint}`)
}

function show(value: JsonValue | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 64)
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field, message: `the body: ${field} ${message}` })
}
