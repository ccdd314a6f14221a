// `references`: counts the entities that refer to one entity, by Noun and field.

import type { NounSchema } from 'digital-objects'
import { findEntity, notFound } from '../entities/find-noun.ts'
import { parseAsOf } from '../entities/read-request.ts'
import { readerAt } from '../entities/reader.ts'
import { referenceFilter } from '../entities/reference-filter.ts'
import { openSnapshot } from '../files/files-parts.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { asOf, readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

export const references = defineRead({
  name: 'references',
  about: 'Count the entities that refer to one {Noun}, by entity type and field',
  path: '/{Noun}/{id}/references',
  parameters: { asOf },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('Fields that refer to the entity, with counts', ref('ReferenceCounts')) }),

  parse: (call, lookup) => ({ ...findEntity(lookup, call), asOfMs: parseAsOf(call.parameters) }),

  answer(parts, { request, caller }) {
    const { noun, id, asOfMs } = request
    const reader = readerAt({ ...parts, context: caller.context }, asOfMs)
    if (reader.get(noun, id) === undefined) throw notFound(noun, id)
    const counted = referringFields(noun, parts.schemas()).map(({ schema, field }) => ({
      noun: schema.name,
      field,
      count: reader.count(schema, referenceFilter(schema, { by: field, id })) ?? 0,
    }))
    return { body: toBody(counted), source: reader.source }
  },

  async answerFromFiles(parts, { request: { noun, id } }) {
    const snapshot = openSnapshot(parts)
    if ((await snapshot.get(noun, id)) === undefined) return undefined
    const counted: ReferenceCount[] = []
    for (const { schema, field } of referringFields(noun, parts.schemas())) {
      const filter = referenceFilter(schema, { by: field, id })
      const found = await snapshot.find(schema, { filter, sort: [], limit: 0, isCounted: true })
      if (found === undefined || found.count === null) return undefined
      counted.push({ noun: schema.name, field, count: found.count })
    }
    return { body: toBody(counted) }
  },
})

interface ReferenceCount {
  readonly noun: string
  readonly field: string
  readonly count: number
}

/** Returns the references to the Noun, in the order of the Nouns and their fields. */
function referringFields(
  { name }: NounSchema,
  schemas: readonly NounSchema[],
): readonly { readonly schema: NounSchema; readonly field: string }[] {
  return schemas.flatMap((schema) =>
    Object.values(schema.fields)
      .filter((field) => field.kind === 'reference' && field.to.includes(name))
      .map((field) => ({ schema, field: field.name })),
  )
}

function toBody(counted: readonly ReferenceCount[]): string {
  return JSON.stringify({ results: counted.filter(({ count }) => count > 0) })
}
