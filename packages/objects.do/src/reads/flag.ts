// `flag`: evaluates one feature flag for a subject, and says why.

import { ObjectError } from 'digital-objects'
import { parseAsOf } from '../entities/read-request.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { asOf, readHeaders } from '../openapi/parameters.ts'
import { evaluateFlag } from '../product/flag.ts'
import { flagWithKey } from '../product/flag-list.ts'
import { parseSubject } from '../product/subject.ts'
import { defineRead } from './read.ts'
import { subjectParameters } from './subject-parameters.ts'

export const flag = defineRead({
  name: 'flag',
  about: 'Evaluate one feature flag for a person or visitor',
  path: '/flags/{id}',
  listedAs: { tag: 'flags', operationId: 'flags.get' },
  parameters: { ...subjectParameters, asOf },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The value of the flag', ref('FlagValue')) }),

  parse: ({ id = '', parameters }) => ({ key: id, subject: parseSubject(parameters), asOfMs: parseAsOf(parameters) }),

  answer(parts, { request: { key, subject, asOfMs }, caller: { context, tenant } }) {
    const product = { ...parts, context, tenant, asOfMs }
    const found = flagWithKey(product, key)
    if (found === undefined)
      throw new ObjectError({ code: 'not_found', field: 'id', message: `there is no flag '${key.slice(0, 64)}'` })
    const body = { $type: 'Flag', ...evaluateFlag(product, { ...found, subject }) }
    return { body: JSON.stringify(body), source: asOfMs === undefined ? 'object' : 'log' }
  },
})
