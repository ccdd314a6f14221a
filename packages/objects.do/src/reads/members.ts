// `members`: lists the members of a segment, by the engine of lists.

import { ObjectError, parseFilterText, parseSort } from 'digital-objects'
import { findEntity, notFound } from '../entities/find-noun.ts'
import { parseCount } from '../entities/parameters.ts'
import { pageBody } from '../entities/read-body.ts'
import { parseAsOf, parseCountMode } from '../entities/read-request.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { asOf, count, cursor, filter, limit, readHeaders } from '../openapi/parameters.ts'
import { productReader } from '../product/product-parts.ts'
import { membershipOf } from '../product/segment.ts'
import { defineRead } from './read.ts'

export const members = defineRead({
  name: 'members',
  about: 'List the members of one {Noun}',
  path: '/{Noun}/{id}/members',
  isOffered: ({ noun }) => noun.role === 'segment',
  parameters: {
    filter: { ...filter, component: 'membersFilter', about: 'A condition on the members, in JSON' },
    sort: {
      component: 'membersSort',
      about: 'Fields of the members, separated by commas, with - for descending order; newest first by default',
      schema: { type: 'string' },
    },
    limit,
    cursor,
    count,
    asOf,
  },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('One page of members', ref('MembersPage')) }),

  parse(call, lookup) {
    const { noun, id } = findEntity(lookup, call)
    if (noun.role !== 'segment')
      throw new ObjectError({
        code: 'not_found',
        field: 'type',
        message: `${noun.name} has no members: only entity types with the role segment have`,
      })
    const { parameters } = call
    return {
      noun,
      id,
      asOfMs: parseAsOf(parameters),
      limit: parseCount(parameters, { name: 'limit', min: 1, max: 100, fallback: 25, code: 'invalid_limit' }),
      cursor: parameters['cursor'],
      isCounted: parseCountMode(parameters),
      condition: parameters['filter'],
      order: parameters['sort'],
    }
  },

  answer(parts, { request, caller: { context, tenant } }) {
    const { noun, id, asOfMs, condition, order, limit: limitTo, cursor: after, isCounted } = request
    const product = { ...parts, context, tenant, asOfMs }
    const reader = productReader(product)
    const version = reader.get(noun, id)
    if (version === undefined) throw notFound(noun, id)
    const { noun: schema, filter: membership } = membershipOf(product, reader.toEntity(noun, version))
    const { lookup } = parts
    const own = condition === undefined ? [] : [parseFilterText(condition, { schema, lookup })]
    const shape = { includes: [], fields: undefined }
    const page = reader.find(
      {
        noun: schema,
        filter: { kind: 'and', of: [membership, ...own] },
        sort: order === undefined ? undefined : parseSort(order, schema),
        limit: limitTo,
        cursor: after,
        isCounted,
        asOfMs,
        shape,
      },
      tenant,
    )
    return { body: pageBody({ reader, lookup, noun: schema, shape }, page), source: reader.source }
  },
})
