// `fields`: reduces an entity to the requested fields, `$type`, `$id`, and what `include` has added.

import { metaFieldNames, nearestName, type NounSchema, ObjectError } from 'digital-objects'
import type { Included } from './includes.ts'
import type { Include } from './parse-includes.ts'

/** Throws an ObjectError `invalid_fields` if a name is neither a field nor an included relation. */
export function checkFields(options: {
  schema: NounSchema
  fields: readonly string[]
  includes: readonly Include[]
}): void {
  const { schema, fields, includes } = options
  const known = [
    ...metaFieldNames,
    ...Object.values(schema.fields)
      .filter((field) => field.kind !== 'reverse')
      .map((field) => field.name),
  ]
  for (const name of fields) {
    if (known.includes(name) || includes.some(({ relation }) => relation.name === name)) continue
    const nearest = nearestName(name, known)
    const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
    throw new ObjectError({
      code: 'invalid_fields',
      field: 'fields',
      message: `${schema.name} has no field '${name.slice(0, 64)}'${hint}`,
    })
  }
}

/** Expects names that `checkFields` has accepted. */
export function projectFields(options: {
  entity: Included
  fields: readonly string[]
  includes: readonly Include[]
}): Included {
  const { entity, fields, includes } = options
  const wanted = ['$type', '$id', ...fields, ...includes.map(({ relation }) => relation.name), '$more']
  return Object.fromEntries(
    [...new Set(wanted)].filter((name) => Object.hasOwn(entity, name)).map((name) => [name, entity[name] ?? null]),
  )
}
