// Fields that hold a time zone: billing periods and local times are computed with it, so a name that no zone has is refused where it
// is written, and not by what is computed later. Values from before this rule stay until they are written again.

import { parseTimeZone } from '../time/zone.ts'
import type { StoredField } from './schema.ts'

/** A `string` of this name is the name of a zone. */
const zoneName = 'timeZone'

export function isTimeZoneField(field: StoredField): boolean {
  return field.kind === 'data' && field.type === 'string' && !field.many && field.name === zoneName
}

/** Returns the zone's name in its own spelling; undefined if there is no such zone. */
export function zoneOf(value: unknown): string | undefined {
  return typeof value === 'string' ? parseTimeZone(value) : undefined
}
