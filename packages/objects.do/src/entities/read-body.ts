// The bodies of answers to get, find and count.

import type { NounLookup, NounSchema } from 'digital-objects'
import type { EntityVersion } from './entity-version.ts'
import { type Included, type RelatedReader, withIncludes } from './includes.ts'
import { projectFields } from './projection.ts'
import type { Shape } from './read-request.ts'

export interface BodyParts {
  readonly reader: RelatedReader
  readonly lookup: NounLookup
  readonly noun: NounSchema
  readonly shape: Shape
}

export interface Page {
  readonly versions: readonly EntityVersion[]
  /** Null if there are more entities than are counted. */
  readonly total: number | null
  readonly hasMore: boolean
  readonly cursor: string | null
}

export function entityBody(parts: BodyParts, version: EntityVersion): string {
  return JSON.stringify(shaped(parts, version))
}

export function pageBody(parts: BodyParts, page: Page): string {
  const { versions, total, hasMore, cursor } = page
  return JSON.stringify({ results: versions.map((version) => shaped(parts, version)), total, hasMore, cursor })
}

export function countBody(count: number | null): string {
  return JSON.stringify({ count })
}

/** Returns the entity with its includes, reduced to the requested fields. */
export function shaped(parts: BodyParts, version: EntityVersion): Included {
  const { reader, lookup, noun, shape } = parts
  const { includes, fields } = shape
  const entity = withIncludes({ reader, lookup, schema: noun, version, includes })
  return fields === undefined ? entity : projectFields({ entity, fields, includes })
}
