// The bodies of answers to get, find and count.

import { type CutPage, pageCharactersMax } from '@dotdo/do'
import type { NounLookup, NounSchema } from 'digital-objects'
import type { EntityVersion } from './entity-version.ts'
import { type RelatedReader, type WithIncludes, withIncludes } from './includes.ts'
import { projectFields } from './projection.ts'
import type { Shape } from './read-request.ts'

export interface BodyParts {
  readonly reader: RelatedReader
  readonly lookup: NounLookup
  readonly noun: NounSchema
  readonly shape: Shape
}

export interface Page extends CutPage<EntityVersion> {
  /** Null if the entities of the whole list are not counted. */
  readonly total: number | null
}

export function entityBody(parts: BodyParts, version: EntityVersion): string {
  return JSON.stringify(shaped(parts, version).entity)
}

/** Limits the entities below the first level of includes of one page, each of which is a read. */
const nestedOfPageMax = 10_000

/** Ends the page before the entity that would make it too large, together with what it includes. */
export function pageBody(parts: BodyParts, page: Page): string {
  const { versions, total } = page
  const texts: string[] = []
  let { hasMore, cursor } = page
  let [characters, nested] = [0, 0]
  for (const [at, version] of versions.entries()) {
    const { entity, nestedCount } = shaped(parts, version)
    const text = JSON.stringify(entity)
    characters += text.length
    nested += nestedCount
    const last = versions[at - 1]
    if ((characters > pageCharactersMax || nested > nestedOfPageMax) && last !== undefined) {
      hasMore = true
      cursor = page.cursorAfter(last)
      break
    }
    texts.push(text)
  }
  return `{"results":[${texts.join(',')}],"total":${total},"hasMore":${hasMore},"cursor":${JSON.stringify(cursor)}}`
}

export function countBody(count: number | null): string {
  return JSON.stringify({ count })
}

/** Returns the entity with its includes, reduced to the requested fields. */
export function shaped(parts: BodyParts, version: EntityVersion): WithIncludes {
  const { reader, lookup, noun, shape } = parts
  const { includes, fields } = shape
  const included = withIncludes({ reader, lookup, schema: noun, version, includes })
  if (fields === undefined) return included
  return { ...included, entity: projectFields({ entity: included.entity, fields, includes }) }
}
