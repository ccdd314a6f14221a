// References to any Noun, `'-> *.comments'`. The catalog knows all Nouns: it gives such a reference its targets, and each target
// the inverse.

import type { Field, NounSchema, ReferenceField, ReverseField } from '../noun/schema.ts'

/**
 * Replaces the Nouns in `schemas` that have such references, and those that gain an inverse. A Noun with another member of the
 * inverse's name is no target. Call it when all named inverses are linked, because these come first.
 */
export function linkAny(schemas: Map<string, NounSchema>): void {
  for (const { name } of schemas.values())
    for (const field of Object.values(schemas.get(name)?.fields ?? {}))
      if (field.kind === 'reference' && field.any === true) linkField(name, field, schemas)
}

function linkField(noun: string, field: ReferenceField, schemas: Map<string, NounSchema>): void {
  const { inverse } = field
  const to: string[] = []
  for (const target of schemas.values()) {
    const isOwn = inverse !== undefined && isInverse(target.fields[inverse], noun, field.name)
    if (inverse !== undefined && !isOwn && hasMember(target, inverse)) continue
    to.push(target.name)
    if (inverse === undefined || isOwn) continue
    const reverse: ReverseField = {
      kind: 'reverse',
      name: inverse,
      from: noun,
      by: field.name,
      many: !field.unique,
    }
    schemas.set(target.name, withField(target, Object.freeze(reverse)))
  }
  const schema = schemas.get(noun)
  if (schema !== undefined) schemas.set(noun, withField(schema, Object.freeze({ ...field, to: Object.freeze(to) })))
}

function isInverse(field: Field | undefined, noun: string, by: string): boolean {
  return field?.kind === 'reverse' && field.from === noun && field.by === by
}

/** Whether the Noun has a field or verb of that name, in any letter case. */
function hasMember({ fields, verbs }: NounSchema, name: string): boolean {
  return [...Object.keys(fields), ...Object.keys(verbs)].some((other) => other.toLowerCase() === name.toLowerCase())
}

function withField(schema: NounSchema, field: Field): NounSchema {
  return Object.freeze({ ...schema, fields: Object.freeze({ ...schema.fields, [field.name]: field }) })
}
