// `/~acme/rpc`: a capnweb session with the tenant, for one batch over HTTP or for as long as a WebSocket is open.

import { RpcSession, type RpcSessionOptions } from 'capnweb'
import { messageCharactersMax, ObjectError } from 'digital-objects'
import { readText } from '../request-body.ts'
import type { MessageParts } from './answer-message.ts'
import { BatchLines } from './batch-lines.ts'
import { depthMax, parseLine } from './parse-line.ts'
import { SocketLines } from './socket-lines.ts'
import { TenantRpc } from './tenant-rpc.ts'

/** Of capnweb's own messages in one HTTP batch; a call is two, and our client makes one. */
const linesMax = 64

const options: RpcSessionOptions = { limits: { maxDepth: depthMax } }

export async function rpcResponse(request: Request, parts: MessageParts): Promise<Response> {
  const main = new TenantRpc(parts)
  if (request.headers.get('upgrade')?.toLowerCase() === 'websocket') return acceptSocket(main)
  if (request.method !== 'POST') {
    const message = 'a session is one POST, or a WebSocket'
    throw new ObjectError({ code: 'method_not_allowed', field: 'method', message })
  }
  const lines = (await readText(request, messageCharactersMax)).split('\n', linesMax + 1)
  if (lines.length > linesMax) throw wrong(`a batch holds at most ${linesMax} lines`)
  const batch = new BatchLines(lines.map(parseLine))
  const session = new RpcSession(batch, main, options)
  try {
    await batch.taken
    await session.drain()
  } catch (error) {
    // It answers what it understands; what it throws is that it did not. Our own faults are answers by then.
    const reason = error instanceof Error ? error.message : String(error)
    throw wrong(`the body is no batch of capnweb messages: ${reason.slice(0, 200)}`)
  }
  return new Response(batch.body, {
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  })
}

function acceptSocket(main: TenantRpc): Response {
  const { 0: client, 1: server } = new WebSocketPair()
  server.accept()
  // It lives as long as its connection, which holds it.
  void new RpcSession(new SocketLines(server), main, options)
  return new Response(null, { status: 101, webSocket: client })
}

function wrong(message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field: 'body', message })
}
