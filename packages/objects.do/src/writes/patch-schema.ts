// `schema.patch`: additions to the definition of any Noun. Of what a Noun has, an enum's list of values may be replaced;
// null takes back what was added.

import {
  mergeDefinitions,
  type NounDefinition,
  type NounSchema,
  ObjectError,
  parseAdditions,
  removeMembers,
} from 'digital-objects'
import { findNoun } from '../entities/find-noun.ts'
import { defineSchemaWrite, definitionBody, schemaResponse } from './schema-write.ts'

const crudVerbs: readonly string[] = ['create', 'update', 'delete']

export const patchSchema = defineSchemaWrite({
  name: 'schema.patch',
  about: 'Add fields, enum values, verbs, transitions, indexes and descriptions to an entity type',
  method: 'PATCH',
  body: definitionBody,
  responses: () => ({ 200: schemaResponse }),

  redefine({ name, body, catalog, stored }) {
    findNoun(catalog.lookup, { noun: name })
    const additions = parseAdditions(name, body)
    const base = catalog.builtIn(name)
    if (base !== undefined) checkAdditions(base, additions)
    const before = stored ?? { fields: {} }
    const gone = namesTakenBack(name, { additions, before, isOwn: base === undefined })
    const fields = Object.fromEntries(Object.entries(additions.fields).filter(([member]) => !gone.has(member)))
    return removeMembers(mergeDefinitions(before, { ...additions, fields }), gone)
  },
})

/** Fields and verbs that null removes. Of an own Noun, null also takes a CRUD verb away, which stays in the definition. */
function namesTakenBack(
  noun: string,
  given: { readonly additions: NounDefinition; readonly before: NounDefinition; readonly isOwn: boolean },
): ReadonlySet<string> {
  const { additions, before, isOwn } = given
  const names = Object.entries(additions.fields).flatMap(([name, text]) => (text === null ? [name] : []))
  const gone = names.filter((name) => !(isOwn && crudVerbs.includes(name)))
  const unknown = gone.find((name) => !Object.hasOwn(before.fields, name))
  if (unknown !== undefined) throw wrong(noun, unknown, 'null takes back what was added, and this was not')
  return new Set(gone)
}

/** Applications rely on what is built in. */
function checkAdditions(base: NounSchema, additions: NounDefinition): void {
  const { definition } = base
  for (const [name, text] of Object.entries(additions.fields)) {
    if (text === null || !Object.hasOwn(definition.fields, name) || definition.fields[name] === text) continue
    if (base.fields[name]?.kind !== 'enum' || !/^[^-<]*\|/.test(text))
      throw wrong(base.name, name, "it is built in; only an enum's list of values can be replaced")
  }
  for (const verb of Object.keys(additions.effects ?? {}))
    if (Object.hasOwn(definition.fields, verb)) throw wrong(base.name, verb, 'it is built in, and keeps its effect')
  if (additions.state !== undefined && base.state !== undefined && additions.state !== base.state)
    throw wrong(base.name, 'state', `the state field is ${base.state}`)
}

function wrong(noun: string, field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_definition', field, message: `${noun}.${field}: ${message}` })
}
