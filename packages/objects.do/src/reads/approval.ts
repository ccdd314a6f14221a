// `approval`: shows a commit that waits for the consent of a person, or has got it or not, and what it would do.

import { formatApproval } from '../answers/approval-text.ts'
import { findApproval } from '../answers/find-approval.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

export const approval = defineRead({
  name: 'approval',
  about: 'Show a commit that waits for the consent of a person, and what it would do',
  path: '/approvals/{id}',
  listedAs: { tag: 'approvals', operationId: 'approvals.get' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The approval', ref('Approval')) }),

  parse: ({ id }) => ({ id }),

  answer({ store, recorder }, { request: { id }, caller }) {
    recorder?.log()
    return { body: formatApproval(findApproval(store, { id, caller }), { isWhole: true }), source: 'object' }
  },
})
