// A Noun by the name that a caller gave, and an id that is one of its own, or a sentence that helps.

import { isEntityIdOf, nearestName, type NounLookup, type NounSchema, nouns, ObjectError } from 'digital-objects'

export function findNoun(lookup: NounLookup, name: string): NounSchema {
  const schema = lookup(name)
  if (schema !== undefined) return schema
  const nearest = nearestName(name, Object.keys(nouns))
  const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
  throw new ObjectError({
    code: 'not_found',
    field: 'type',
    message: `there is no entity type '${name.slice(0, 64)}'${hint}`,
  })
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
