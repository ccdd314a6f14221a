// Entities and groups as the console reads them, of any type.

import type { AnyGroup, AnyRow } from '@headlessly/sdk'

export type Entity = AnyRow
export type Group = AnyGroup
