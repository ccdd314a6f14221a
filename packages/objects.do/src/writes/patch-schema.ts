// `schema.patch`: adds to the definition of any Noun. It can also replace the values of an enum, and null removes an earlier
// addition.

import {
  mergeDefinitions,
  type NounDefinition,
  type NounSchema,
  ObjectError,
  parseAdditions,
  removeMembers,
} from 'digital-objects'
import { findNoun } from '../entities/find-noun.ts'
import { ref } from '../openapi/components.ts'
import { defineSchemaWrite, schemaResponse } from './schema-write.ts'

const crudVerbs: readonly string[] = ['create', 'update', 'delete']

export const patchSchema = defineSchemaWrite({
  name: 'schema.patch',
  about: 'Add fields, enum values, verbs, transitions, indexes and descriptions to an entity type',
  method: 'PATCH',
  body: { isRequired: false, schema: () => ref('DefinitionAdditions') },
  responses: () => ({ 200: schemaResponse }),

  redefine({ name, body, catalog, stored }) {
    findNoun(catalog.lookup, { noun: name })
    const additions = parseAdditions(name, body)
    const base = catalog.builtIn(name)
    if (base !== undefined) checkAdditions(base, additions)
    const before = stored ?? additionsTo(base)
    const removed = removedNames(name, { additions, before, isOwn: base === undefined })
    const fields = Object.fromEntries(Object.entries(additions.fields).filter(([member]) => !removed.has(member)))
    return removeMembers(mergeDefinitions(before, { ...additions, fields }), removed)
  },
})

/** Additions to a Noun of a service name the service, since a Noun of the tenant's own may have the same name. */
function additionsTo(base: NounSchema | undefined): NounDefinition {
  return { fields: {}, ...(base?.service === undefined ? {} : { service: base.service }) }
}

/** Returns the fields and verbs that null removes. For CRUD verbs of an own Noun, null stays in the definition instead. */
function removedNames(
  noun: string,
  given: { readonly additions: NounDefinition; readonly before: NounDefinition; readonly isOwn: boolean },
): ReadonlySet<string> {
  const { additions, before, isOwn } = given
  const names = Object.entries(additions.fields).flatMap(([name, text]) => (text === null ? [name] : []))
  const removed = names.filter((name) => !(isOwn && crudVerbs.includes(name)))
  const unknown = removed.find((name) => !Object.hasOwn(before.fields, name))
  if (unknown !== undefined) throw invalidPatch(noun, unknown, 'null removes an earlier addition, and this is not one')
  return new Set(removed)
}

/** Refuses changes of built-in members, on which applications rely. */
function checkAdditions(base: NounSchema, additions: NounDefinition): void {
  const { definition } = base
  for (const [name, text] of Object.entries(additions.fields)) {
    if (text === null || !Object.hasOwn(definition.fields, name) || definition.fields[name] === text) continue
    if (base.fields[name]?.kind !== 'enum' || !/^[^-<]*\|/.test(text))
      throw invalidPatch(base.name, name, "it is built in; only an enum's list of values can be replaced")
  }
  for (const verb of Object.keys(additions.effects ?? {}))
    if (Object.hasOwn(definition.fields, verb))
      throw invalidPatch(base.name, verb, 'it is built in, and its effect cannot be replaced')
  for (const reference of Object.keys(additions.onDelete ?? {}))
    if (Object.hasOwn(definition.onDelete ?? {}, reference))
      throw invalidPatch(base.name, reference, 'its deletion rule is built in and cannot be replaced')
  if (additions.strict === false && definition.strict === true)
    throw invalidPatch(base.name, 'strict', 'its states are those of money, keys or publication, and stay strict')
  if (additions.state !== undefined && base.state !== undefined && additions.state !== base.state)
    throw invalidPatch(base.name, 'state', `the state field is ${base.state}`)
}

function invalidPatch(noun: string, field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_definition', field, message: `${noun}.${field}: ${message}` })
}
