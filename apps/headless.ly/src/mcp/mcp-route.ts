// `/~acme/mcp`: the interface for agents, by the Model Context Protocol over HTTP.

import type { Handler } from '../base/visit.ts'
import { tenantRequests } from './tenant-requests.ts'

/** `answer` handles every path of a tenant. */
export function mcpRoute(answer: Handler): Handler {
  return async (visit) => {
    const { answerMcp } = await import('./mcp-server.ts')
    const answered = answerMcp(visit.request, tenantRequests(visit, answer))
    // A client that disconnects would otherwise leave its run half done.
    visit.waitUntil(answered.catch(() => {}))
    return answered
  }
}
