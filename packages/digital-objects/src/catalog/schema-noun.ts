// The system's own Noun: an entity of it is the definition of one of the tenant's Nouns, or what the tenant added to a
// built-in one. So a change of a definition is an event, with a history, like any other change. It is reached as
// `/schema`, never as an entity type.

import { Noun } from '../noun/noun.ts'
import type { NounSchema } from '../noun/schema.ts'

export const schemaNoun: NounSchema = Noun(
  'Schema',
  { name: 'string!##', definition: 'json!' },
  { about: 'The definition of a Noun that the tenant made, or its additions to a built-in one.' },
).$schema
