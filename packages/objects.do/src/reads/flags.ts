// `flags`: evaluates all feature flags for a subject.

import type { JsonValue } from 'digital-objects'
import { parseAsOf } from '../entities/read-request.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { asOf, readHeaders } from '../openapi/parameters.ts'
import { evaluateFlag } from '../product/flag.ts'
import { flagsOf } from '../product/flag-list.ts'
import { parseSubject } from '../product/subject.ts'
import { defineRead } from './read.ts'
import { subjectParameters } from './subject-parameters.ts'

export const flags = defineRead({
  name: 'flags',
  about: 'Evaluate all feature flags for a person or visitor',
  path: '/flags',
  listedAs: { tag: 'flags', operationId: 'flags.list' },
  parameters: { ...subjectParameters, asOf },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The value of each flag, by its key', ref('FlagValues')) }),

  parse: ({ parameters }) => ({ subject: parseSubject(parameters), asOfMs: parseAsOf(parameters) }),

  answer(parts, { request: { subject, asOfMs }, caller: { context, tenant } }) {
    const product = { ...parts, context, tenant, asOfMs }
    const values: Record<string, JsonValue> = {}
    for (const found of flagsOf(product)) {
      const { key, value } = evaluateFlag(product, { ...found, subject })
      values[key] ??= value
    }
    return { body: JSON.stringify({ $type: 'Flags', flags: values }), source: asOfMs === undefined ? 'object' : 'log' }
  },
})
