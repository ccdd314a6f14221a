// Adds the descriptions of the built-in Nouns to a schema that is to be shown. The engine does not need them, so they are
// neither stored with a tenant nor part of a client.

import type { Field, NounSchema, Verb } from '../noun/schema.ts'
import { nounTexts } from './all-texts.ts'

const crudTexts: Readonly<Record<string, string>> = {
  create: 'Creates the entity from the fields you send.',
  update: 'Changes the fields you send; null clears a field.',
  delete: 'Deletes the entity; its history stays readable.',
}

/** The schema's own descriptions win over built-in ones. A tenant's own Noun gains those of create, update and delete. */
export function describeSchema(schema: NounSchema): NounSchema {
  const texts = Object.hasOwn(nounTexts, schema.name) ? nounTexts[schema.name] : undefined
  const about = schema.about ?? texts?.about
  const descriptions = { ...crudTexts, ...texts?.descriptions }
  return {
    ...schema,
    ...(about === undefined ? {} : { about }),
    fields: describeAll<Field>(schema.fields, descriptions),
    verbs: describeAll<Verb>(schema.verbs, descriptions),
  }
}

function describeAll<Member extends { readonly name: string; readonly description?: string }>(
  members: Readonly<Record<string, Member>>,
  descriptions: Readonly<Record<string, string>>,
): Record<string, Member> {
  const described: Record<string, Member> = {}
  for (const [name, member] of Object.entries(members)) {
    const description = member.description ?? (Object.hasOwn(descriptions, name) ? descriptions[name] : undefined)
    described[name] = description === undefined ? member : { ...member, description }
  }
  return described
}
