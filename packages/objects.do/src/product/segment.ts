// The members of a segment: a filter on the entities of a Noun, which the engine of lists runs as any other.

import {
  type Entity,
  type Filter,
  type FilterContext,
  isPlainObject,
  type JsonValue,
  type NounSchema,
  ObjectError,
  parseFilter,
} from 'digital-objects'
import { nounOfId, type ProductParts, productReader } from './product-parts.ts'

export interface Membership {
  readonly noun: NounSchema
  readonly filter: Filter
}

/** The Noun of criteria that name none. */
const defaultNoun = 'Contact'
/** Limits the listed members that count. */
const listedMax = 10_000

/**
 * Criteria choose the members unless the segment says that it is not dynamic, or has none; then its list does, whose ids are of
 * one Noun. Throws an ObjectError that names the part.
 */
export function membershipOf(parts: ProductParts, segment: Entity): Membership {
  const { criteria, members, isDynamic } = segment
  if (isDynamic !== false && isPlainObject(criteria)) return byCriteria(parts, criteria)
  return byList(parts, Array.isArray(members) ? members : [])
}

function byCriteria(parts: ProductParts, criteria: Readonly<Record<string, JsonValue>>): Membership {
  const { type, filter: inner, ...others } = criteria
  const isNamed = typeof type === 'string' && isPlainObject(inner) && Object.keys(others).length === 0
  const noun = nounNamed(parts, isNamed ? type : defaultNoun)
  return { noun, filter: filterOf(isNamed ? inner : criteria, { schema: noun, lookup: parts.lookup }) }
}

/** The request is right, and the segment that it names is not. */
function filterOf(criteria: JsonValue, context: FilterContext): Filter {
  try {
    return parseFilter(criteria, context)
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    const message = `a segment's criteria expect a filter: ${error.message}`
    throw new ObjectError({ code: 'validation_error', field: 'criteria', message })
  }
}

function byList(parts: ProductParts, members: readonly JsonValue[]): Membership {
  const ids = [...new Set(members.map(idOf).filter((id) => id !== undefined))].slice(0, listedMax)
  const noun = nounOfId(parts, ids[0] ?? '') ?? nounNamed(parts, defaultNoun)
  return { noun, filter: parseFilter({ $id: { $in: ids } }, { schema: noun, lookup: parts.lookup }) }
}

/** A member is an id, or an object with one. */
function idOf(member: JsonValue): string | undefined {
  const id = isPlainObject(member) ? (member['$id'] ?? member['id']) : member
  return typeof id === 'string' ? id : undefined
}

function nounNamed({ lookup }: ProductParts, name: string): NounSchema {
  const noun = lookup(name)
  if (noun !== undefined) return noun
  throw new ObjectError({
    code: 'not_found',
    field: 'criteria.type',
    message: `a segment's criteria expect an entity type, and there is no '${name.slice(0, 64)}'`,
  })
}

export function isMember(parts: ProductParts, segment: Entity, id: string): boolean {
  const { noun, filter } = membershipOf(parts, segment)
  return nounOfId(parts, id) === noun && matchesEntity(parts, { noun, filter }, id)
}

/** Whether an entity matches a filter of its Noun. */
export function matchesEntity(parts: ProductParts, { noun, filter }: Membership, id: string): boolean {
  const isIt = parseFilter({ $id: id }, { schema: noun, lookup: parts.lookup })
  return productReader(parts).count(noun, { kind: 'and', of: [filter, isIt] }) === 1
}
