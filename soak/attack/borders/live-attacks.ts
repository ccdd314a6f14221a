// Sockets, streams and tickets: who may open them, and what they show.

import { attacksOf, type BorderAttack, filled, proofOf, type Row } from './border-attack.ts'
import { came } from './raw-request.ts'
import { acme, type Attacker, type Stage } from './stage.ts'

/** A socket that has shown nothing more for so long shows nothing more of the past. */
const quietMs = 400

const upgrade = {
  connection: 'upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
  'sec-websocket-version': '13',
}
const doors: readonly Row[] = [
  ['a socket of events without a key', 'nobody', 'GET', '/~acme/events', 401, { headers: upgrade }],
  ['a socket of RPC without a key', 'nobody', 'GET', '/~acme/rpc', 401, { headers: upgrade }],
  ['a socket with a revoked key', 'revoked', 'GET', '/~acme/events', 401, { headers: upgrade }],
  ['a socket with the key of another tenant', 'globex', 'GET', '/~acme/events', 401, { headers: upgrade }],
  ['a socket with an invented ticket', 'nobody', 'GET', '/~acme/events?ticket=hly_ticket_0', 401, { headers: upgrade }],
  [
    'a socket with a key in place of a ticket',
    'nobody',
    'GET',
    '/~acme/events?ticket=$readerKey',
    401,
    { headers: upgrade },
  ],
  ['a ticket without a key', 'nobody', 'POST', '/~acme/ticket', 401, { body: {} }],
]

/** A socket of events or RPC by a ticket of a key, and everything that it received. */
interface Listening {
  readonly text: () => string
  readonly socket: WebSocket
}

async function ticketOf(stage: Stage, by: Attacker): Promise<string> {
  const answer = await stage.send({ method: 'POST', path: `${acme}/ticket`, headers: proofOf(stage, by), body: {} })
  return (JSON.parse(answer.body) as { readonly ticket: string }).ticket // as documented
}

async function listen(stage: Stage, path: string, by: Attacker): Promise<Listening> {
  const mark = path.includes('?') ? '&' : '?'
  const url = `${stage.url.replace('http', 'ws')}${path}${mark}ticket=${await ticketOf(stage, by)}`
  const socket = new WebSocket(url)
  let text = ''
  socket.addEventListener('message', ({ data }) => void (text += `${String(data)}\n`))
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error('no socket')))
  })
  return { text: () => text, socket }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Everything that a socket or a stream of events shows of the past. */
const seen = (name: string, by: Attacker, path: string): BorderAttack => ({
  name,
  entry: 'live events',
  by,
  expected: ['heard'],
  async send(stage) {
    const { text, socket } = await listen(stage, filled(stage, path), by)
    await pause(quietMs)
    socket.close()
    return came(text().includes('Ready') ? 'heard' : 'nothing', text())
  },
})

const streamed = (name: string, by: Attacker, path: string): BorderAttack => ({
  name,
  entry: 'live events',
  by,
  expected: [200],
  async send(stage) {
    const abort = new AbortController()
    const answer = await fetch(`${stage.url}${filled(stage, path)}`, {
      headers: { ...proofOf(stage, by), accept: 'text/event-stream' },
      signal: abort.signal,
    })
    let text = ''
    const reading = (async () => {
      for await (const chunk of answer.body ?? []) text += Buffer.from(chunk).toString()
    })().catch(() => {})
    await pause(quietMs)
    abort.abort()
    await reading
    return came(answer.status, text)
  },
})

export const liveAttacks: readonly BorderAttack[] = [
  ...attacksOf('live events', doors),
  seen('a socket from the beginning of the log', 'sales', `${acme}/events?after=0`),
  seen('a socket for a hidden entity', 'sales', `${acme}/events?after=0&entity=$hidden`),
  seen('a socket for a Noun that is hidden', 'sales', `${acme}/events?after=0&type=Contact.*`),
  seen('a socket of a reader has no secret of a key', 'reader', `${acme}/events?after=0`),
  streamed('a stream from the beginning of the log', 'sales', `${acme}/events?after=0`),
  streamed('a stream by the events of another', 'sales', `${acme}/events?after=0&actor=$bob`),
  {
    name: 'a ticket that was used',
    entry: 'live events',
    by: 'reader',
    expected: [401],
    async send(stage) {
      const ticket = await ticketOf(stage, 'reader')
      const path = `${acme}/events?ticket=${ticket}`
      await stage.send({ method: 'GET', path, headers: upgrade })
      return stage.send({ method: 'GET', path, headers: upgrade })
    },
  },
  {
    name: 'a ticket of one tenant at another',
    entry: 'live events',
    by: 'reader',
    expected: [401],
    send: async (stage) =>
      stage.send({
        method: 'GET',
        path: `/~globex/events?ticket=${await ticketOf(stage, 'reader')}`,
        headers: upgrade,
      }),
  },
]
