// `jobs`: lists the writes of many entities that take several commits.

import { isFullAuthority } from 'digital-objects'
import { formatBulkJob } from '../answers/bulk-job-text.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

const jobsMax = 100

export const jobs = defineRead({
  name: 'jobs',
  about: 'List the newest jobs, newest first',
  path: '/jobs',
  listedAs: { tag: 'jobs', operationId: 'jobs.list' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The jobs', ref('BulkJobList')) }),

  parse: () => null,

  answer({ store }, { caller: { authority } }) {
    const own = isFullAuthority(authority) ? {} : { actor: authority.who }
    const found = store.isReady ? store.requests.bulkJobs.list({ ...own, limit: jobsMax }) : []
    return { body: `{"results":[${found.map(formatBulkJob).join(',')}]}`, source: 'object' }
  },
})
