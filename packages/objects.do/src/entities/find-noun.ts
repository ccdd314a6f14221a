// Looks up the Noun that a call names, and checks the id. An error suggests the nearest name.

import { isEntityIdOf, nearestName, type NounLookup, type NounSchema, nouns, ObjectError } from 'digital-objects'

/** The Noun and the entity that a call names. */
export interface Subject {
  readonly noun?: string
  readonly id?: string
  readonly parameters?: Readonly<Record<string, string | undefined>>
}

export function findNoun(lookup: NounLookup, { noun: name = '', parameters }: Subject): NounSchema {
  const schema = lookup(name)
  if (schema !== undefined) return schema
  const asOf = parameters?.['asOf']
  const then = asOf === undefined ? '' : ` as of ${asOf.slice(0, 64)}`
  const known = Object.keys(nouns).filter((built) => lookup(built) !== undefined)
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
  throw new ObjectError({
    code: 'not_found',
    field: 'type',
    message: `unknown entity type '${name.slice(0, 64)}'${then}${hint}`,
  })
}

/** Checks the form of the id, but not that the entity exists. */
export function findEntity(lookup: NounLookup, subject: Subject): { readonly noun: NounSchema; readonly id: string } {
  const noun = findNoun(lookup, subject)
  const { id = '' } = subject
  checkId(noun, id)
  return { noun, id }
}

export function checkId(noun: NounSchema, id: string): void {
  if (isEntityIdOf(noun, id)) return
  // The path names a verb that creates, so another method than POST is at fault.
  if (Object.hasOwn(noun.verbs, id) && noun.verbs[id]?.effect.creates === true) {
    const message = `${noun.name}/${id} creates a ${noun.name} by POST, and there is nothing else there`
    throw new ObjectError({ code: 'method_not_allowed', field: 'method', message, detail: { allow: 'POST' } })
  }
  throw new ObjectError({
    code: 'invalid_id',
    field: 'id',
    message: `the id of a ${noun.name} expects ${noun.idPrefix}_ and letters or digits, got ${JSON.stringify(id.slice(0, 64))}`,
  })
}

/** `mergedInto` is the entity into which this one was merged. */
export function notFound(noun: NounSchema, id: string, mergedInto?: string): ObjectError {
  return new ObjectError({
    code: 'not_found',
    message: `no ${noun.name} '${id}'${mergedInto === undefined ? '' : `: it was merged into '${mergedInto}'`}`,
    detail: { entityType: noun.name, id, ...(mergedInto === undefined ? {} : { mergedInto }) },
  })
}
