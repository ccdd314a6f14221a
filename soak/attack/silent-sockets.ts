// Clients that open a WebSocket and never read from it: subscribers of live events, from the end and from the start of
// the log, and RPC sessions that ask for large pages. The server must bound what it holds for them, close them with a
// reason, and deliver every event to a subscriber that acknowledges.

import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { sleep } from '../kill-server.ts'
import { type Scenario, scaled, type Target } from './scenario.ts'

const tenant = 'silent'
const textCharacters = 200_000
const writesAtOnce = 4
const deliveryMs = 60_000

export const silentSockets: Scenario = {
  name: 'silent-sockets',
  about:
    '50 event sockets, 10 from the start of the log and 20 RPC sockets that never read, during 200 writes of 200 KB',

  prepare: (target) => writeMany(target, scaled(target, 500)),

  async attack(target) {
    const url = `/~${tenant}/events`
    const honest = await subscribe(target)
    const silent = await Promise.all([
      ...Array.from({ length: 50 }, () => openSilently(target.port, url)),
      ...Array.from({ length: 10 }, () => openSilently(target.port, `${url}?after=0`)),
      ...Array.from({ length: 20 }, () => openRpcSilently(target.port)),
    ])
    const writes = scaled(target, 200)
    await writeMany(target, writes)
    const deadline = Date.now() + deliveryMs
    while (honest.received() < writes && Date.now() < deadline) await sleep(50)
    honest.close()
    const delivered = honest.received()
    if (delivered !== writes) throw new Error(`the acknowledging subscriber got ${delivered} of ${writes} events`)
    // Closing is seen only after reading, which these clients do when the rest is over, with the process.
    for (const socket of silent) socket.unref()
    return { writes, delivered }
  },
}

async function writeMany({ url }: Target, count: number): Promise<void> {
  let left = count
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const body = JSON.stringify({ name: 'Ada', metadata: { text: randomBytes(textCharacters / 2).toString('hex') } })
      const headers = { 'content-type': 'application/json' }
      for (;;) {
        const answer = await fetch(`${url}/~${tenant}/Contact`, { method: 'POST', headers, body })
        await answer.arrayBuffer()
        if (answer.status === 201) break
        if (answer.status !== 503) throw new Error(`a write got ${answer.status}`)
        await sleep(100)
      }
    }
  }
  await Promise.all(Array.from({ length: writesAtOnce }, work))
}

/** Opens a subscriber that reads and acknowledges. */
async function subscribe({ port }: Target): Promise<{ received: () => number; close: () => void }> {
  let received = 0
  const socket = new WebSocket(`ws://127.0.0.1:${port}/~${tenant}/events`)
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('error', () => reject(new Error('the subscriber could not connect')))
    socket.addEventListener('message', ({ data }) => {
      const { $type, seq } = JSON.parse(String(data)) as { $type?: string; seq: number }
      if ($type === 'Ready') return resolve()
      received++
      socket.send(JSON.stringify({ $type: 'Ack', seq }))
    })
  })
  return { received: () => received, close: () => socket.close() }
}

/** Opens a WebSocket whose receiving side is never read, so that the platform's buffers fill up. */
function openSilently(port: number, path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', reject)
    socket.once('data', () => {
      socket.pause()
      resolve(socket)
    })
    socket.write(
      `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
        `sec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    )
  })
}

/** Opens an RPC session that asks for 200 large pages and reads none. */
async function openRpcSilently(port: number): Promise<Socket> {
  const socket = await openSilently(port, `/~${tenant}/rpc`)
  const call = { kind: 'read', read: 'find', noun: 'Contact', parameters: { limit: '50' } }
  const message = JSON.stringify({ calls: [call] })
  for (let sent = 1; sent <= 200; sent++) {
    socket.write(textFrame(`${JSON.stringify(['push', ['pipeline', 0, ['send'], [message]]])}\n["pull",${sent}]`))
  }
  return socket
}

/** A masked text frame (RFC 6455, section 5.2) of less than 64 KB. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const mask = randomBytes(4)
  const head = payload.length < 126 ? Buffer.from([0x81, 0x80 | payload.length]) : Buffer.alloc(4)
  if (payload.length >= 126) {
    head.set([0x81, 0xfe])
    head.writeUInt16BE(payload.length, 2)
  }
  return Buffer.concat([head, mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))])
}
