// Entities and groups as the console reads them, of any type.

import type { AnyGroup, AnyRow } from '@headlessly/sdk'

export type Entity = AnyRow
export type Group = AnyGroup

/** The id of a reference, whose entity may be included in place of it. */
export function idOf(reference: unknown): string {
  return typeof reference === 'object' && reference !== null ? String(Reflect.get(reference, '$id')) : String(reference)
}
