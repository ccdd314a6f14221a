// The system's own Noun. Each of its entities is the definition of one of the tenant's Nouns, or the tenant's additions to
// a built-in one, so a change of a definition is an event and has a history. Clients reach it through `/schema`, not as an
// entity type.

import { Noun } from '../noun/noun.ts'
import type { NounSchema } from '../noun/schema.ts'

export const schemaNoun: NounSchema = Noun(
  'Schema',
  { name: 'string!##', definition: 'json!' },
  { about: 'The definition of a Noun that the tenant made, or its additions to a built-in one.' },
).$schema
