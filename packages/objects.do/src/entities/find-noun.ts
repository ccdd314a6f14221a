// The Noun and the entity that a call names, or an error that helps to name them right.

import { isEntityIdOf, nearestName, type NounLookup, type NounSchema, nouns, ObjectError } from 'digital-objects'

/** The part of a call that says what it is about. */
export interface Subject {
  readonly noun?: string
  readonly id?: string
}

export function findNoun(lookup: NounLookup, { noun: name = '' }: Subject): NounSchema {
  const schema = lookup(name)
  if (schema !== undefined) return schema
  const known = Object.keys(nouns).filter((built) => lookup(built) !== undefined)
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
  throw new ObjectError({
    code: 'not_found',
    field: 'type',
    message: `there is no entity type '${name.slice(0, 64)}'${hint}`,
  })
}

/** Whether the entity exists is not checked. */
export function findEntity(lookup: NounLookup, subject: Subject): { readonly noun: NounSchema; readonly id: string } {
  const noun = findNoun(lookup, subject)
  const { id = '' } = subject
  checkId(noun, id)
  return { noun, id }
}

export function checkId(noun: NounSchema, id: string): void {
  if (isEntityIdOf(noun, id)) return
  throw new ObjectError({
    code: 'invalid_id',
    field: 'id',
    message: `an id of ${noun.name} reads ${noun.idPrefix}_ and letters or digits, got ${JSON.stringify(id.slice(0, 64))}`,
  })
}

export function notFound(noun: NounSchema, id: string): ObjectError {
  return new ObjectError({
    code: 'not_found',
    message: `no ${noun.name} '${id}'`,
    detail: { entityType: noun.name, id },
  })
}
