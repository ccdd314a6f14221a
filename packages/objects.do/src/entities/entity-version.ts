// One version of an entity, from SQLite or from files.

import type { SortedVersion } from '@dotdo/do'

export type EntityVersion = SortedVersion
