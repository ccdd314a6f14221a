// The Nouns of every tenant.

import { type NounSchema, nouns } from 'digital-objects'

export const builtInSchemas: readonly NounSchema[] = Object.values(nouns).map((noun) => noun.$schema)
