// `job`: shows one write of many entities that takes several commits.

import { isFullAuthority, ObjectError } from 'digital-objects'
import { formatBulkJob } from '../answers/bulk-job-text.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

export const job = defineRead({
  name: 'job',
  about: 'Show one job and its progress',
  path: '/jobs/{id}',
  listedAs: { tag: 'jobs', operationId: 'jobs.get' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The job', ref('BulkJob')) }),

  parse: ({ id = '' }) => ({ id }),

  answer({ store }, { request: { id }, caller: { authority } }) {
    const found = store.isReady ? store.requests.bulkJobs.find(id) : undefined
    if (found !== undefined && (isFullAuthority(authority) || found.actor === authority.who))
      return { body: formatBulkJob(found), source: 'object' }
    const message = `there is no job '${id.slice(0, 64)}': finished jobs are kept for 7 days`
    throw new ObjectError({ code: 'not_found', field: 'id', message })
  },
})
