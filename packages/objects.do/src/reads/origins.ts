// `origins`: shows which texts of an entity strangers wrote, and by which events.

import { ObjectError } from 'digital-objects'
import { findNoun } from '../entities/find-noun.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'
import { readerAt } from '../entities/reader.ts'

export const origins = defineRead({
  name: 'origins',
  about: 'Show which texts of a {Noun} strangers wrote, and by which events',
  path: '/{Noun}/{id}/origins',
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The texts of strangers', ref('TextOrigins')) }),

  parse: ({ noun = '', id = '' }, lookup) => ({ schema: findNoun(lookup, { noun }), id }),

  answer(parts, { request: { schema, id }, caller }) {
    const { store, recorder } = parts
    recorder?.log()
    const reader = readerAt({ ...parts, context: caller.context }, undefined)
    if (!store.state.hasTable(schema.name) || reader.get(schema, id) === undefined)
      throw new ObjectError({ code: 'not_found', message: `no ${schema.name} '${id.slice(0, 64)}'` })
    const found = store.consent.origins.of(id).filter(({ field }) => Object.hasOwn(schema.fields, field))
    return { body: JSON.stringify({ results: found }), source: 'object' }
  },
})
