// Answers a request of a client of 2025 as the protocol's package does, with one event for each message, but as a body that is whole:
// a stream within a stream, each with a timer, costs more than the call itself.

import { type AuthInfo, type Server, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'
import { tryParseJson } from 'digital-objects'

export interface LegacyRequest {
  readonly server: Server
  readonly authInfo: AuthInfo
  /** The JSON of the request. */
  readonly parsedBody: unknown
}

export async function answerLegacy(
  request: Request,
  { server, authInfo, parsedBody }: LegacyRequest,
): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
  const close = async (): Promise<void> => {
    await transport.close()
    await server.close()
  }
  await server.connect(transport)
  const end = (): void => void close()
  request.signal.addEventListener('abort', end, { once: true })
  try {
    const response = await transport.handleRequest(request, { authInfo, parsedBody })
    const { status, headers } = response
    const isMessage = status === 200 && headers.get('content-type')?.startsWith('application/json') === true
    return isMessage ? eventsOf(await response.text()) : response
  } finally {
    request.signal.removeEventListener('abort', end)
    await close()
  }
}

function eventsOf(text: string): Response {
  const messages = tryParseJson(text)
  // A batch has an answer for each of its requests.
  const texts = Array.isArray(messages) ? messages.map((message) => JSON.stringify(message)) : [text]
  return new Response(texts.map((message) => `event: message\ndata: ${message}\n\n`).join(''), {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  })
}
