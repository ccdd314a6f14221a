// `approvals`: lists the commits that wait for the consent of a person, and those decided lately.

import { type ApprovalStatus, approvalStatuses, isFullAuthority, ObjectError, type Parameters } from 'digital-objects'
import { formatApproval } from '../answers/approval-text.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

const approvalsMax = 100

export const approvals = defineRead({
  name: 'approvals',
  about: 'List the newest commits that wait for the consent of a person, or have got it or not, newest first',
  path: '/approvals',
  listedAs: { tag: 'approvals', operationId: 'approvals.list' },
  parameters: { status: { about: 'List those with this status', schema: { enum: [...approvalStatuses] } } },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The approvals', ref('ApprovalList')) }),

  parse: ({ parameters }) => ({ status: parseStatus(parameters) }),

  answer({ store, recorder }, { request: { status }, caller: { authority } }) {
    recorder?.log()
    const { requests, isReady } = store
    const actor = isFullAuthority(authority) ? undefined : authority.who
    const { realMs } = requests
    const found = isReady ? requests.approvals.list({ actor, status, limit: approvalsMax, realMs }) : []
    return {
      body: `{"results":[${found.map((one) => formatApproval(one, { isWhole: false })).join(',')}]}`,
      source: 'object',
    }
  },
})

function parseStatus({ status }: Parameters): ApprovalStatus | undefined {
  const known = approvalStatuses.find((name) => name === status)
  if (status === undefined || known !== undefined) return known
  const message = `status expects one of ${approvalStatuses.join(', ')}, got '${status.slice(0, 64)}'`
  throw new ObjectError({ code: 'invalid_parameter', field: 'status', message })
}
