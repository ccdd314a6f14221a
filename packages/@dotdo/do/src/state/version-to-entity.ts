// A stored version as the entity that filters and callers see.

import type { Entity } from 'digital-objects'
import type { SortedVersion } from './list-cursor.ts'

/** Fields come in the order of the text that the log has of the version, so that an answer is the same from anywhere. */
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
