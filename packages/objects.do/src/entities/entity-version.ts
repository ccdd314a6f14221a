// One version of an entity, from SQLite or from files, and the entity that callers receive.

import type { SortedVersion } from '@dotdo/do'
import type { Entity, NounSchema } from 'digital-objects'

export type EntityVersion = SortedVersion

/** Fields keep the order that they have in the log, so that an answer is the same from every source. */
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
