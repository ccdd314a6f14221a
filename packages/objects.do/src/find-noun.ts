// A Noun by the name that a caller gave, or a sentence that helps.

import { nearestName, type NounLookup, type NounSchema, nouns, ObjectError } from 'digital-objects'

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
