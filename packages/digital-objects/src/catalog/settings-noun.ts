// The system's own Noun of the tenant's settings. It has one entity, so a change of a setting is an event and has a history.
// Clients reach it through `/settings`, not as an entity type.

import { Noun } from '../noun/noun.ts'
import type { NounSchema } from '../noun/schema.ts'

export const settingsNoun: NounSchema = Noun(
  'Settings',
  // The name is always `tenant`, so there is at most one entity.
  { name: 'string!##', values: 'json!' },
  { about: 'The settings that the tenant has set.' },
).$schema
