// The built-in Nouns, which every tenant has.

import { type NounSchema, nouns } from 'digital-objects'

export const builtInSchemas: readonly NounSchema[] = Object.values(nouns).map((noun) => noun.$schema)
