// Compares an entity with its Noun's rules, those that read other entities included: bounds through references, totals of the
// entities that refer to it, and hierarchies. All is read at the present in one go, so no commit can come in between.

import {
  brokenBounds,
  type EntityFields,
  isUnderItself,
  type NounLookup,
  type NounSchema,
  type Catalog,
  parseId,
  stateOf,
  amountRulesOf,
} from 'digital-objects'
import { referringIds } from './referring.ts'
import type { StateReader } from './state-reader.ts'

export interface RuleReads {
  readonly sql: SqlStorage
  readonly state: StateReader
  readonly lookup: NounLookup
  readonly catalog: () => Catalog
}

/** Limits the entities of a reverse relation that are added up. */
const recordsMax = 10_000

/** Returns a sentence for each rule that the entity breaks; none if it was deleted. */
export function brokenRules(options: RuleReads, schema: NounSchema, id: string): readonly string[] {
  const { state } = options
  const fields = state.get(state.tableOf(schema), id)?.fields
  if (fields === undefined) return []
  const read = (other: string): EntityFields | undefined => readFields(options, other)
  const known = new Map<string, readonly EntityFields[] | undefined>()
  const records = (field: string): readonly EntityFields[] | undefined => {
    if (!known.has(field)) known.set(field, recordsOf(options, schema, { id, field }))
    return known.get(field)
  }
  const circles = amountRulesOf(schema).acyclic.filter((field) =>
    isUnderItself(schema, { id, field, start: fields[field], read }),
  )
  return [
    ...brokenBounds(schema, { fields, related: read, records }),
    ...circles.map((field) => `${schema.name}: field '${field}' puts it under itself`),
  ]
}

function readFields({ state, catalog }: RuleReads, id: string): EntityFields | undefined {
  const prefix = parseId(id)?.prefix
  const schema = catalog().nouns.find(({ idPrefix }) => idPrefix === prefix)
  return schema === undefined || !state.hasTable(schema.name) ? undefined : state.get(state.tableOf(schema), id)?.fields
}

/** Returns undefined without a service that brings the other Noun, or for more entities than are added up. */
function recordsOf(
  { sql, state, lookup }: RuleReads,
  { fields }: NounSchema,
  { id, field }: { readonly id: string; readonly field: string },
): readonly EntityFields[] | undefined {
  const relation = fields[field]
  const other = relation?.kind === 'reverse' ? lookup(relation.from) : undefined
  const reference = relation?.kind === 'reverse' ? other?.fields[relation.by] : undefined
  if (other === undefined || reference?.kind !== 'reference') return undefined
  const ids = referringIds({ sql, state }, other, { field: reference, id, limit: recordsMax + 1 })
  if (ids.length > recordsMax) return undefined
  const versions = ids.map((one) => state.get(state.tableOf(other), one))
  const { state: name } = other
  return versions.flatMap((version) => {
    if (version === undefined) return []
    // An entity from before the state field stands at its default.
    const at = name === undefined ? undefined : stateOf(other, version.fields)
    return [name === undefined || at === undefined ? version.fields : { ...version.fields, [name]: at }]
  })
}
