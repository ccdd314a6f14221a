// Checks a new definition against the tenant's other definitions, its entities and the limits. It must run in the write
// lane, together with the write of the definition.

import { checkDefinitionChange, checkNoEntities, checkReturn, type TenantStore } from '@dotdo/do'
import {
  type Catalog,
  type CatalogEntry,
  checkStrict,
  type NounDefinition,
  ObjectError,
  referencesTo,
} from 'digital-objects'

/** Limits the definitions of a tenant, because every manifest contains them and readers of files load it often. */
const ownNounsMax = 100
const definitionCharactersMax = 64_000
const definitionsCharactersMax = 500_000

export interface Redefinition {
  readonly name: string
  /** The new definition; undefined if it is removed. */
  readonly definition: NounDefinition | undefined
  /** An undo may remove all additions to a built-in Noun at once. */
  readonly isUndo?: boolean
}

/** Throws an ObjectError, whose `count` says how much is in use. */
export function checkRedefinition(store: TenantStore, { name, definition, isUndo = false }: Redefinition): void {
  const { sql, state, catalog } = store
  const { current } = catalog
  const use = { sql, state }
  const before = current.lookup(name)
  if (definition === undefined && !(isUndo && catalog.current.builtIn(name) !== undefined)) {
    if (before === undefined || !current.own.has(name)) throw notOwn(name, before !== undefined)
    checkUnreferenced(name, referencesTo(name, current.nouns))
    checkNoEntities(use, before)
  }
  const others = current.entries.filter((entry) => entry.name !== name)
  const builtIn = current.builtIn(name)
  if (builtIn !== undefined && definition !== undefined) {
    const stored = current.entries.find((entry) => entry.name === name)?.definition
    checkStrict(builtIn, { before: stored ?? { fields: {} }, after: definition })
  }
  const entries = definition === undefined ? others : [...others, { name, definition }]
  checkLimits(entries, name)
  const next = catalog.preview(entries)
  // Ignore faults that exist already.
  const known = new Set(current.faults.map(({ message }) => message))
  const fault = next.faults.find(({ message }) => !known.has(message))
  if (fault !== undefined) throw fault
  if (next.own.size > ownNounsMax) throw tooMuch('name', `a tenant has at most ${ownNounsMax} Nouns of its own`)
  checkAnyTargets(current, next)
  checkMembersKept(current, next)
  const after = next.lookup(name)
  if (after === undefined) return
  if (before !== undefined) checkDefinitionChange(use, before, after)
  else if (store.isReady) checkReturn(use, after)
}

/** A new member may not take the name of an inverse, since entities may refer to the Noun by it. */
function checkAnyTargets(before: Catalog, after: Catalog): void {
  for (const schema of before.nouns)
    for (const field of Object.values(schema.fields)) {
      if (field.kind !== 'reference' || field.any !== true) continue
      const next = after.lookup(schema.name)?.fields[field.name]
      if (next?.kind !== 'reference' || next.any !== true) continue
      const lost = field.to.find((name) => after.lookup(name) !== undefined && !next.to.includes(name))
      if (lost === undefined) continue
      const inverse = field.inverse ?? ''
      const message = `${lost}.${inverse} are the entities that refer to it by ${schema.name}.${field.name}; choose another name`
      throw new ObjectError({ code: 'invalid_definition', field: inverse, message })
    }
}

/** An inverse may not take the name of a field of another Noun, which entities may use. */
function checkMembersKept(before: Catalog, after: Catalog): void {
  for (const schema of before.nouns) {
    const next = after.lookup(schema.name)
    if (next === undefined) continue
    const taken = Object.values(schema.fields).find(
      ({ kind, name }) => kind !== 'reverse' && next.fields[name]?.kind === 'reverse',
    )
    if (taken === undefined) continue
    const message = `${schema.name}.${taken.name} is a field; choose another name for the inverse`
    throw new ObjectError({ code: 'invalid_definition', field: taken.name, message })
  }
}

function checkUnreferenced(name: string, references: readonly string[]): void {
  if (references.length === 0) return
  throw new ObjectError({
    code: 'conflict',
    field: 'name',
    message: `${name} is in use by ${references.length} fields that refer to it: ${references.slice(0, 10).join(', ')}`,
    detail: { count: references.length },
  })
}

function checkLimits(entries: readonly CatalogEntry[], name: string): void {
  const sizes = entries.map((entry) => ({ ...entry, characters: JSON.stringify(entry.definition).length }))
  const own = sizes.find((entry) => entry.name === name)?.characters ?? 0
  if (own > definitionCharactersMax)
    throw tooMuch('definition', `a definition has at most ${definitionCharactersMax} characters, got ${own}`)
  const all = sizes.reduce((sum, { characters }) => sum + characters, 0)
  if (all > definitionsCharactersMax)
    throw tooMuch(
      'definition',
      `all definitions of a tenant have at most ${definitionsCharactersMax} characters, got ${all}`,
    )
}

function tooMuch(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_definition', field, message })
}

function notOwn(name: string, isBuiltIn: boolean): ObjectError {
  return isBuiltIn
    ? new ObjectError({
        code: 'conflict',
        field: 'name',
        message: `${name} is built in and cannot be removed; PATCH with null for a field removes an addition`,
      })
    : new ObjectError({ code: 'not_found', field: 'type', message: `unknown entity type '${name.slice(0, 64)}'` })
}
