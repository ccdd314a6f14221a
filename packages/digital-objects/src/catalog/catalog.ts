// A tenant's Nouns at one point of its log, as a value: the built-in ones with the tenant's additions, and its own ones. A
// catalog depends only on stored definitions, so the tenant's object and a reader of files make the same one.

import type { NounDefinition } from '../noun/definition.ts'
import { ObjectError } from '../base/object-error.ts'
import { checkedSchema } from '../noun/check-definition.ts'
import type { NounLookup, NounSchema, Verb } from '../noun/schema.ts'
import { namedState } from '../verb/apply-verb.ts'
import { checkRelated } from './check-related.ts'
import { linkAny } from './link-any.ts'
import { linkBuiltIn, withoutUnknownInverses } from './link-built-in.ts'
import { linkRelations } from './link-relations.ts'
import { mergeDefinitions } from './merge-definitions.ts'
import { checkNounName, fitsBeside } from './noun-names.ts'

/** A stored definition. */
export interface CatalogEntry {
  readonly name: string
  /** The whole definition of a tenant's own Noun, or the additions to a built-in one. */
  readonly definition: NounDefinition
}

export interface Catalog {
  /** Built-in Nouns in their order, then the tenant's own, sorted by name. */
  readonly nouns: readonly NounSchema[]
  readonly lookup: NounLookup
  /** Returns a built-in Noun without additions; undefined for one whose place a Noun of the tenant's own has taken. */
  readonly builtIn: NounLookup
  readonly entries: readonly CatalogEntry[]
  /** Names of the tenant's own Nouns. */
  readonly own: ReadonlySet<string>
  /** Errors of entries that were left out, for example because a newer version has a field of the same name. */
  readonly faults: readonly ObjectError[]
}

/** A pure cache: the catalog of a tenant without definitions depends only on the built-in Nouns, and tenants share it. */
const plain = new WeakMap<readonly NounSchema[], { readonly of: readonly NounSchema[]; readonly catalog: Catalog }>()

/** Reuses the schemas of `earlier` that have not changed. A wrong entry becomes a fault and does not throw. */
export function makeCatalog(
  builtIn: readonly NounSchema[],
  entries: readonly CatalogEntry[],
  earlier?: Catalog,
): Catalog {
  const known = entries.length === 0 ? plain.get(builtIn) : undefined
  if (known?.of.length === builtIn.length && known.of.every((schema, at) => schema === builtIn[at]))
    return known.catalog
  const faults: ObjectError[] = []
  const brought = new Map(builtIn.map((schema) => [schema.name, schema]))
  const schemas = new Map(brought)
  const builtInNames = new Set(brought.keys())
  const own = new Set<string>()
  const attempt = (run: () => void): void => {
    try {
      run()
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      faults.push(error)
    }
  }
  for (const { name, definition } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    attempt(() => {
      const base = baseOf(brought.get(name), { name, definition })
      if (base === undefined) giveWayTo(name, schemas)
      const whole = base === undefined ? definition : mergeDefinitions(base.definition, definition)
      const schema = checkedSchema(name, whole)
      if (base !== undefined) checkVerbsLead(base, schema)
      schemas.set(name, schema)
      if (base === undefined) own.add(name)
    })
  }
  withoutUnknownInverses(schemas, { builtIn, own })
  for (const name of entries.map((entry) => entry.name)) {
    const schema = schemas.get(name)
    if (schema !== undefined) attempt(() => linkRelations(schema, schemas, builtInNames))
  }
  // The tenant's definitions come first: an inverse that a service brings gives way to a member of the same name.
  linkBuiltIn(schemas, own)
  linkAny(schemas)
  // An effect may act through an inverse, so all of them are linked first.
  for (const name of entries.map((entry) => entry.name)) {
    const schema = schemas.get(name)
    if (schema !== undefined) attempt(() => checkRelated(schema, (other) => schemas.get(other)))
  }
  const nouns = [...schemas.values()].map((schema) => sameAs(schema, earlier?.lookup(schema.name)))
  const byName = new Map(nouns.map((schema) => [schema.name, schema]))
  const catalog: Catalog = {
    nouns,
    lookup: (name) => byName.get(name),
    builtIn: (name) => (own.has(name) || !schemas.has(name) ? undefined : brought.get(name)),
    entries,
    own,
    faults,
  }
  if (entries.length === 0) plain.set(builtIn, { of: [...builtIn], catalog })
  return catalog
}

/**
 * Returns the Noun that a stored definition adds to; undefined if it is a Noun of the tenant's own. A tenant may have had a
 * Noun before a service brought one of the same name, and then keeps its own.
 */
function baseOf(brought: NounSchema | undefined, { name, definition }: CatalogEntry): NounSchema | undefined {
  const { service } = definition
  if (service === brought?.service) return brought
  if (service === undefined) return undefined
  const message = `${name} is a Noun of ${service}, which this server does not have`
  throw new ObjectError({ code: 'invalid_definition', field: 'service', message })
}

/** Removes the Nouns of services whose names would not fit beside it. Throws an ObjectError if another Noun's does not. */
function giveWayTo(name: string, schemas: Map<string, NounSchema>): void {
  checkNounName(name, [])
  for (const [other, { service }] of schemas)
    if (service !== undefined && !fitsBeside(name, other)) schemas.delete(other)
  checkNounName(name, [...schemas.keys()])
}

/** A built-in verb that leads to a state would do nothing if that state were taken away, so the list has to keep it. */
function checkVerbsLead(base: NounSchema, schema: NounSchema): void {
  for (const verb of Object.values(base.verbs)) {
    const lost = verb.category === 'custom' ? lostTarget(base, schema, verb) : undefined
    if (lost === undefined) continue
    const message = `${schema.name}.${lost.state} expects '${lost.value}' among its values, which ${verb.name} leads to; a transition or an effect of ${verb.name} may lead elsewhere`
    throw new ObjectError({ code: 'invalid_definition', field: lost.state, message })
  }
}

/** Returns the state to which the verb led in the built-in Noun and nothing leads it now. */
function lostTarget(
  base: NounSchema,
  schema: NounSchema,
  verb: Verb,
): { readonly state: string; readonly value: string } | undefined {
  const row = base.transitions.find((each) => each.verb === verb.name)
  const state = row === undefined ? namedState(base, verb)?.name : base.state
  const value = row?.to ?? verb.event
  const field = state === undefined ? undefined : schema.fields[state]
  if (state === undefined || field?.kind !== 'enum' || field.values.includes(value)) return undefined
  const isInTable = schema.state === state && schema.transitions.some((each) => each.verb === verb.name)
  const isSet = Object.hasOwn(schema.verbs[verb.name]?.effect.sets ?? {}, state)
  return isInTable || isSet ? undefined : { state, value }
}

/** Returns the earlier schema if it is equal, so that the tables and plans made for it remain in use. */
function sameAs(schema: NounSchema, before: NounSchema | undefined): NounSchema {
  if (before === undefined || before === schema) return schema
  return JSON.stringify(before) === JSON.stringify(schema) ? before : schema
}
