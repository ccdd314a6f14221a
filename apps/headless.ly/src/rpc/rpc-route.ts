// `/~acme/rpc`: one message of calls as a POST, or as many as a capnweb session brings over a WebSocket.

import { RpcSession } from 'capnweb'
import { messageCharactersMax, ObjectError } from 'digital-objects'
import { readText } from '../base/request-body.ts'
import type { Visit } from '../base/visit.ts'
import type { MessageParts } from './answer-message.ts'
import { GuardedTransport } from './guarded-transport.ts'
import { TenantRpc } from './tenant-rpc.ts'
import { UnreadAnswers, UnreadTotal } from './unread-answers.ts'

/** Closed for not releasing answers; live events use the same code. */
const unreadCode = 4008

export async function rpcResponse(visit: Visit): Promise<Response> {
  const { request, env, caller, renewed, waitUntil } = visit
  const parts = { env, caller, renewed, waitUntil }
  if (request.headers.get('upgrade')?.toLowerCase() === 'websocket') return acceptSession(parts)
  if (request.method !== 'POST') {
    const message = 'a message of calls is a POST, and a session a WebSocket'
    throw new ObjectError({ code: 'method_not_allowed', field: 'method', message })
  }
  const text = await readText(request, messageCharactersMax)
  const answers = await visit.inWork(() => new TenantRpc(parts).send(text))
  return Response.json(answers, { headers: { 'cache-control': 'no-store' } })
}

/** One for each Worker, which its bindings stand for. */
const totals = new WeakMap<MessageParts['env'], UnreadTotal>()

function totalOf(env: MessageParts['env']): UnreadTotal {
  const total = totals.get(env) ?? new UnreadTotal()
  totals.set(env, total)
  return total
}

function acceptSession(parts: MessageParts & Pick<Visit, 'renewed'>): Response {
  const { 0: client, 1: server } = new WebSocketPair()
  server.accept()
  // It lives as long as its connection, which holds it.
  const unread = new UnreadAnswers(totalOf(parts.env), (reason) => {
    server.close(unreadCode, reason)
    unread.end()
  })
  void new RpcSession(new GuardedTransport(server, unread), new TenantRpc(parts, unread))
  return new Response(null, { status: 101, webSocket: client })
}
