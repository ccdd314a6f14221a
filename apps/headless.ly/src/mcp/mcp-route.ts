// `/~acme/mcp`: the interface for agents, by the Model Context Protocol over HTTP.

import { mayBeAsked } from 'objects.do'
import type { Handler } from '../base/visit.ts'
import { tenantRequests } from './tenant-requests.ts'

/** `answer` handles every path of a tenant. */
export function mcpRoute(answer: Handler): Handler {
  return async (visit) => {
    const { answerMcp } = await import('./mcp-server.ts')
    const asker = { ask: tenantRequests(visit, answer), mayAskPerson: mayBeAsked(visit.caller) }
    const answered = answerMcp(visit.request, asker)
    // A client that disconnects would otherwise leave its run half done.
    visit.waitUntil(answered.catch(() => {}))
    return answered
  }
}
