// Converts a stored version into the entity that filters and callers see.

import type { Entity } from 'digital-objects'
import type { SortedVersion } from './list-cursor.ts'

/** Fields keep the order that they have in the log, so that an answer is the same from every source. */
export function versionToEntity(noun: string, version: SortedVersion, context: string): Entity {
  return {
    $type: noun,
    $context: context,
    $id: version.id,
    $version: version.version,
    $createdAt: new Date(version.createdAtMs).toISOString(),
    $createdBy: version.createdBy,
    $updatedAt: new Date(version.updatedAtMs).toISOString(),
    ...version.fields,
  }
}
