// The Nouns of a tenant at one point of its log, as a value: the built-in ones, what the tenant added to them, and its
// own. A catalog is made from stored definitions alone, so the tenant's object and a reader of files come to the same.

import type { NounDefinition } from '../noun/definition.ts'
import { ObjectError } from '../base/object-error.ts'
import { makeSchema } from '../noun/make-schema.ts'
import type { NounLookup, NounSchema } from '../noun/schema.ts'
import { namedState } from '../verb/apply-verb.ts'
import { linkRelations } from './link-relations.ts'
import { mergeDefinitions } from './merge-definitions.ts'
import { checkMemberNames, checkNounName } from './noun-names.ts'

/** A definition as it is stored. */
export interface CatalogEntry {
  readonly name: string
  /** Of a tenant's own Noun all of it, of a built-in one what is added. */
  readonly definition: NounDefinition
}

export interface Catalog {
  /** Built-in Nouns in their order, then own ones by name. */
  readonly nouns: readonly NounSchema[]
  readonly lookup: NounLookup
  /** A built-in Noun without additions. */
  readonly builtIn: NounLookup
  readonly entries: readonly CatalogEntry[]
  /** Names of Nouns that are the tenant's own. */
  readonly own: ReadonlySet<string>
  /** Entries that do not fit, and are left out: a newer program may have a Noun of the same name. */
  readonly faults: readonly ObjectError[]
}

/** `earlier`: schemas of entries that are the same in it are the same values. Never throws for what an entry says. */
export function makeCatalog(
  builtIn: readonly NounSchema[],
  entries: readonly CatalogEntry[],
  earlier?: Catalog,
): Catalog {
  const faults: ObjectError[] = []
  const schemas = new Map(builtIn.map((schema) => [schema.name, schema]))
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
      const base = schemas.get(name)
      if (base === undefined) checkNounName(name, [...schemas.keys()])
      const whole = base === undefined ? definition : mergeDefinitions(base.definition, definition)
      checkMemberNames(name, whole)
      const schema = makeSchema(name, whole)
      if (base !== undefined) checkVerbsLead(base, schema)
      schemas.set(name, schema)
      if (base === undefined) own.add(name)
    })
  }
  for (const name of entries.map((entry) => entry.name)) {
    const schema = schemas.get(name)
    if (schema !== undefined) attempt(() => linkRelations(schema, schemas))
  }
  const nouns = [...schemas.values()].map((schema) => sameAs(schema, earlier?.lookup(schema.name)))
  const byName = new Map(nouns.map((schema) => [schema.name, schema]))
  return {
    nouns,
    lookup: (name) => byName.get(name),
    builtIn: (name) => builtIn.find((schema) => schema.name === name),
    entries,
    own,
    faults,
  }
}

/** A built-in verb that leads to a state would do nothing if that state were taken away, so the list has to keep it. */
function checkVerbsLead(base: NounSchema, schema: NounSchema): void {
  for (const verb of Object.values(base.verbs)) {
    const state = verb.category === 'custom' ? namedState(base, verb) : undefined
    const field = state === undefined ? undefined : schema.fields[state.name]
    if (state === undefined || field?.kind !== 'enum' || field.values.includes(verb.event)) continue
    const isInTable = schema.state === state.name && schema.transitions.some((row) => row.verb === verb.name)
    const isSet = Object.hasOwn(schema.verbs[verb.name]?.effect.sets ?? {}, state.name)
    if (isInTable || isSet) continue
    const message = `${schema.name}.${state.name} expects '${verb.event}' among its values, which ${verb.name} leads to; a transition or an effect of ${verb.name} may lead elsewhere`
    throw new ObjectError({ code: 'invalid_definition', field: state.name, message })
  }
}

/** The value that there was, if it says the same: tables and plans that were made for it stay in use. */
function sameAs(schema: NounSchema, before: NounSchema | undefined): NounSchema {
  if (before === undefined || before === schema) return schema
  return JSON.stringify(before) === JSON.stringify(schema) ? before : schema
}
