// The Nouns of every tenant.

import { type NounLookup, type NounSchema, nouns } from 'digital-objects'

export const builtInSchemas: readonly NounSchema[] = Object.values(nouns).map((noun) => noun.$schema)

const byName = new Map(builtInSchemas.map((schema) => [schema.name, schema]))

export const builtInLookup: NounLookup = (name) => byName.get(name)
