// Tests whether a row rule holds for one version of an entity, which need not be stored. The predicate tests conditions on
// the entity itself. Conditions across a relation are tested in SQL, so that they give the same result as for stored rows,
// however many entities are related.

import {
  type Entity,
  type Filter,
  type FilterPath,
  matches,
  referencePath,
  referredIds,
  unreachable,
} from 'digital-objects'
import { planCount } from './find-plan.ts'
import type { ReadPoint } from './filter-to-sql.ts'
import type { SortedVersion } from './list-cursor.ts'
import { versionToEntity } from './version-to-entity.ts'

export interface RuleParts {
  readonly sql: SqlStorage
  /** The state of related entities, without regard to the caller's visibility. */
  readonly point: Omit<ReadPoint, 'visibility'>
}

/** Expects a rule without `$text` and `$regex`. */
export function ruleHolds(
  rule: Filter,
  of: { readonly noun: string; readonly version: SortedVersion },
  parts: RuleParts,
): boolean {
  return holds(rule, versionToEntity(of.noun, of.version, ''), parts)
}

function holds(rule: Filter, entity: Entity, parts: RuleParts): boolean {
  switch (rule.kind) {
    case 'and':
      return rule.of.every((part) => holds(part, entity, parts))
    case 'or':
      return rule.of.some((part) => holds(part, entity, parts))
    case 'not':
      return !holds(rule.of, entity, parts)
    case 'compare':
    case 'compareFields':
    case 'in':
    case 'exists':
      return leafHolds(rule, entity, parts)
    case 'text':
    case 'regex':
      throw new Error(`a rule cannot have a condition of kind '${rule.kind}'`)
    default:
      return unreachable(rule)
  }
}

type Leaf = Extract<Filter, { readonly path: FilterPath }>

function leafHolds(leaf: Leaf, entity: Entity, { sql, point }: RuleParts): boolean {
  const [step, ...rest] = leaf.path.steps
  if (step === undefined) return matches(leaf, entity, ownOnly)
  const table = point.table(step.to)
  if (table === undefined) return false
  const { field } = step
  const [far, near] = field.kind === 'reference' ? ['$id', entity[field.name]] : [field.by, entity.$id]
  const values = referredIds(near)
  if (values.length === 0) return false
  const link: Filter = { kind: 'in', path: referencePath(table.schema, far), values }
  const beyond: Filter = { ...leaf, path: { ...leaf.path, steps: rest } }
  const statement = planCount({ table, filter: { kind: 'and', of: [link, beyond] }, point, limit: 1 })
  return sql.exec<{ count: number }>(statement.text, ...statement.parameters).one().count > 0
}

const ownOnly = {
  related: () => [],
  regex: () => {
    throw new Error('a rule has no patterns')
  },
  searchable: [],
}
