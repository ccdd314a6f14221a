// One version of an entity, wherever it was read from, and the entity that callers are given of it.

import type { SortedVersion } from '@dotdo/do'
import type { Entity, NounSchema } from 'digital-objects'

export type EntityVersion = SortedVersion

/** Fields come in the order of the text that the log has of the version, so that an answer is the same from anywhere. */
export function versionToEntity(schema: NounSchema, version: EntityVersion, context: string): Entity {
  return {
    $type: schema.name,
    $context: context,
    $id: version.id,
    $version: version.version,
    $createdAt: new Date(version.createdAtMs).toISOString(),
    $createdBy: version.createdBy,
    $updatedAt: new Date(version.updatedAtMs).toISOString(),
    ...version.fields,
  }
}
