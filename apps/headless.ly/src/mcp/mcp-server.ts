// The MCP server of a tenant: three tools and the resources, for both generations of the protocol. It keeps nothing between
// requests. Loaded with the first request, since the protocol's package is large.

import {
  type AuthInfo,
  CLIENT_CAPABILITIES_META_KEY,
  createMcpHandler,
  isLegacyRequest,
  type McpHttpHandler,
  ProtocolError,
  ProtocolErrorCode,
  Server,
} from '@modelcontextprotocol/server'
import { isPlainObject, tryParseJson } from 'digital-objects'
import { answerLegacy } from './answer-legacy.ts'
import { ApprovalNeeded, askPerson, takeAnswer } from './approval-question.ts'
import { run } from './do-tool.ts'
import { fetchOne } from './fetch-tool.ts'
import { readResource, resources, resourceTemplates } from './resources.ts'
import { search } from './search-tool.ts'
import type { AskTenant } from './tenant-requests.ts'
import { type ToolAnswer, ToolError, toolError, toolResult } from './tool-answer.ts'
import { tools } from './tools.ts'

/** Bytes of a request, which holds code of at most 64 KiB. */
export const mcpBytesMax = 2 ** 20

/** The way to the tenant of one request. */
export interface Asker {
  readonly ask: AskTenant
  /** Whether a question of the client reaches the person whose caller it is. */
  readonly mayAskPerson: boolean
}

/** The tenant of each request in progress. The handler passes what proves a caller on unchanged, and looks at nothing in it. */
const askers = new WeakMap<AuthInfo, Asker>()

const handler: McpHttpHandler = createMcpHandler(
  ({ authInfo, era }) => {
    const asker = authInfo === undefined ? undefined : askers.get(authInfo)
    if (asker === undefined) throw new Error('a request is registered before it is handled')
    // Clients of 2025 are asked within a session, which this server has not.
    return makeServer({ ...asker, mayAskPerson: asker.mayAskPerson && era !== 'legacy' })
  },
  { responseMode: 'json', maxRequestBodySize: mcpBytesMax, maxSubscriptions: 0 },
)

export async function answerMcp(request: Request, asker: Asker): Promise<Response> {
  const authInfo = { token: '', clientId: '', scopes: [] }
  askers.set(authInfo, asker)
  const text = await shortText(request)
  const parsedBody = text === undefined ? undefined : tryParseJson(text)
  if (parsedBody === undefined) {
    const { url, method, headers } = request
    return handler.fetch(text === undefined ? request : new Request(url, { method, headers, body: text }), { authInfo })
  }
  // Clients of 2025 are asked within a session, which this server has not.
  if (await isLegacyRequest(request, parsedBody))
    return answerLegacy(request, { server: makeServer({ ...asker, mayAskPerson: false }), authInfo, parsedBody })
  return handler.fetch(request, { authInfo, parsedBody })
}

/** Reads a request whose length is known and allowed. The handler reads others itself, and doubles their bodies for that. */
async function shortText(request: Request): Promise<string | undefined> {
  const length = request.headers.get('content-length') ?? ''
  const isJson = /^application\/json(?:;|$)/i.test(request.headers.get('content-type') ?? '')
  if (request.method !== 'POST' || !isJson || !/^\d{1,7}$/.test(length) || Number(length) > mcpBytesMax)
    return undefined
  return request.text()
}

const callTool: Readonly<Record<string, (ask: AskTenant, given: unknown) => Promise<ToolAnswer>>> = {
  search,
  fetch: fetchOne,
  do: run,
}

/** Whether the client of a request can ask its person. */
function asksPeople(envelope: Readonly<Record<string, unknown>> | undefined): boolean {
  const capabilities = envelope?.[CLIENT_CAPABILITIES_META_KEY]
  return isPlainObject(capabilities) && capabilities['elicitation'] !== undefined
}

function makeServer({ ask, mayAskPerson }: Asker): Server {
  const server = new Server(
    { name: 'headless.ly', version: '0.1.0' },
    {
      capabilities: { tools: {}, resources: {} },
      instructions:
        'The backend of a business: CRM, billing, projects, content, support, analytics, marketing. search finds, fetch ' +
        'reads, do changes. Start with search without arguments; read the Schema of a type before writing it.',
    },
  )
  server.setRequestHandler('tools/list', () => ({ tools: [...tools] }))
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    const call = Object.hasOwn(callTool, params.name) ? callTool[params.name] : undefined
    if (call === undefined)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no tool '${params.name.slice(0, 64)}'`)
    try {
      const state = mcpReq.requestState()
      if (typeof state === 'string') return toolResult(await takeAnswer(ask, state, mcpReq.inputResponses))
      return toolResult(await call(ask, params.arguments))
    } catch (error) {
      const mayAsk = mayAskPerson && asksPeople(mcpReq.envelope)
      if (error instanceof ApprovalNeeded && mayAsk) return askPerson(error)
      if (error instanceof ToolError) return toolError(error.message)
      throw error
    }
  })
  server.setRequestHandler('resources/list', () => ({ resources: [...resources] }))
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [...resourceTemplates] }))
  server.setRequestHandler('resources/read', async ({ params }) => {
    try {
      return await readResource(ask, params.uri)
    } catch (error) {
      if (error instanceof ToolError) throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message)
      throw error
    }
  })
  return server
}
