// Live events of a tenant that does not exist yet. Listening stores nothing: the front door holds the connection, and joins
// it to the tenant's object once the tenant begins. The listener then gets every event from the first one on.

import { ObjectError } from 'digital-objects'
import type { TenantDirectory } from './tenant-directory.ts'

export interface EarlyListener {
  readonly name: string
  readonly tenants: TenantDirectory
  /** The first text of every listener. */
  readonly greeting: string
  /** Opens the live events of the tenant that now exists, from its first event on. */
  readonly open: () => Promise<Response>
}

/** Connections held at a time. */
const heldMax = 500
/** Another isolate may have begun the tenant. Also shows whether the reader of a stream is still there. */
const pollMs = 5_000

/** Throws an ObjectError `overloaded` if too many connections are held. */
export function liveBeforeBegin(request: Request, listener: EarlyListener): Response {
  if (listener.tenants.waiting >= heldMax) {
    const message = `the server holds at most ${heldMax} connections to tenants that do not exist yet`
    throw new ObjectError({ code: 'overloaded', message })
  }
  const isSocket = request.headers.get('upgrade')?.toLowerCase() === 'websocket'
  return isSocket ? holdSocket(listener) : holdStream(listener)
}

function holdStream(listener: EarlyListener): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  void pipeWhenBegun(writable, listener)
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' }
  return new Response(readable, { headers })
}

async function pipeWhenBegun(writable: WritableStream<Uint8Array>, listener: EarlyListener): Promise<void> {
  const writer = writable.getWriter()
  const encoder = new TextEncoder()
  const left = new AbortController()
  writer.closed.catch(() => left.abort())
  try {
    await writer.write(encoder.encode(listener.greeting))
    await hold(listener, left.signal, () => void writer.write(encoder.encode(':\n\n')).catch(() => left.abort()))
    const { body, status } = await listener.open()
    if (status !== 200 || body === null) throw new Error(`live events answered ${status}`)
    writer.releaseLock()
    await body.pipeTo(writable)
  } catch (error) {
    // The client reconnects, and is then told what is wrong.
    await writable.abort(error).catch(() => {})
  }
}

function holdSocket(listener: EarlyListener): Response {
  const { 0: client, 1: server } = new WebSocketPair()
  server.accept()
  server.send(listener.greeting)
  void joinWhenBegun(server, listener)
  return new Response(null, { status: 101, webSocket: client })
}

async function joinWhenBegun(server: WebSocket, listener: EarlyListener): Promise<void> {
  const left = new AbortController()
  server.addEventListener('close', () => left.abort())
  const answerPing = ({ data }: MessageEvent): void => {
    if (data === 'ping') server.send('pong')
  }
  server.addEventListener('message', answerPing)
  try {
    await hold(listener, left.signal)
    const { webSocket } = await listener.open()
    if (webSocket === null) throw new Error('live events opened no WebSocket')
    server.removeEventListener('message', answerPing)
    join(server, webSocket)
  } catch {
    // The client reconnects, and is then told what is wrong.
    if (server.readyState === WebSocket.OPEN) server.close(1012, 'connect again')
  }
}

/** Passes messages and the end of one socket to the other. The first message is the object's own greeting. */
function join(client: WebSocket, object: WebSocket): void {
  let isGreeted = false
  object.accept()
  client.addEventListener('message', ({ data }) => object.send(data as string | ArrayBuffer))
  object.addEventListener('message', ({ data }) => {
    if (isGreeted) client.send(data as string | ArrayBuffer)
    isGreeted = true
  })
  client.addEventListener('close', () => object.close(1000, 'the client has left'))
  object.addEventListener('close', ({ code, reason }) => client.close(code === 1006 ? 1011 : code, reason))
}

/** Resolves once the tenant exists. Rejects if the client leaves before. */
async function hold({ name, tenants }: EarlyListener, left: AbortSignal, beat?: () => void): Promise<void> {
  while (!(await begunOrPolled(name, { tenants, left }))) {
    beat?.()
    if (await tenants.exists(name)) return
    if (left.aborted) throw new Error('the client has left')
  }
}

/** Resolves to true once this isolate sees the tenant begin, and to false when it is time to ask the registry. */
function begunOrPolled(
  name: string,
  { tenants, left }: { readonly tenants: TenantDirectory; readonly left: AbortSignal },
): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (hasBegun: boolean): void => {
      clearTimeout(timer)
      stop()
      resolve(hasBegun)
    }
    const stop = tenants.whenBegun(name, () => finish(true))
    const timer = setTimeout(() => finish(false), pollMs)
    left.addEventListener('abort', () => finish(false), { once: true })
  })
}
