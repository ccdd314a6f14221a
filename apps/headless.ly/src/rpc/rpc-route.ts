// `/~acme/rpc`: one message of calls as a POST, or as many as a capnweb session brings over a WebSocket.

import { RpcSession } from 'capnweb'
import { messageCharactersMax, ObjectError } from 'digital-objects'
import { bodyRoomOf } from '../base/body-room.ts'
import { readText } from '../base/request-body.ts'
import type { MessageParts } from './answer-message.ts'
import { GuardedTransport } from './guarded-transport.ts'
import { TenantRpc } from './tenant-rpc.ts'

export async function rpcResponse(request: Request, parts: MessageParts): Promise<Response> {
  if (request.headers.get('upgrade')?.toLowerCase() === 'websocket') return acceptSession(parts)
  if (request.method !== 'POST') {
    const message = 'a message of calls is a POST, and a session a WebSocket'
    throw new ObjectError({ code: 'method_not_allowed', field: 'method', message })
  }
  return Response.json(await new TenantRpc(parts).send(await readText(request, messageCharactersMax)), {
    headers: { 'cache-control': 'no-store' },
  })
}

function acceptSession(parts: MessageParts): Response {
  const { 0: client, 1: server } = new WebSocketPair()
  server.accept()
  // It lives as long as its connection, which holds it.
  void new RpcSession(new GuardedTransport(server), new TenantRpc(parts, bodyRoomOf(parts.env)))
  return new Response(null, { status: 101, webSocket: client })
}
