// The system's own Noun of the tenant's rules: what each role may do. It has one entity, so a change of a rule is an event and
// has a history. Clients reach it through `/rules`, not as an entity type.

import { Noun } from '../noun/noun.ts'
import type { NounSchema } from '../noun/schema.ts'

export const rulesNoun: NounSchema = Noun(
  'Rules',
  // The name is always `tenant`, so there is at most one entity.
  { name: 'string!##', values: 'json!' },
  { about: 'The roles that the tenant has set.' },
).$schema
