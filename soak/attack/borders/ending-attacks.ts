// Doors that were opened by a key, and are used after the key was revoked. Each attack makes a key of its own.

import type { BorderAttack } from './border-attack.ts'
import { came, type Came } from './raw-request.ts'
import { acme, type Stage } from './stage.ts'

const endsWithinMs = 5_000
/** Cached answers are read for at most a second more. */
const cachedMs = 1_200

interface Door {
  readonly name: string
  readonly entry: string
  /** Opens the door, and returns what uses it later. */
  readonly open: (stage: Stage, proof: Readonly<Record<string, string>>) => Promise<() => Promise<Came>>
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const words = (status: number): string => (status === 401 || status === 403 ? 'ended' : String(status))
const asked = async (stage: Stage, path: string, proof: Readonly<Record<string, string>>): Promise<Came> => {
  const answer = await stage.send({ method: 'GET', path, headers: proof })
  return { ...answer, status: words(Number(answer.status)) }
}
const jsonOf = (answer: Came): Readonly<Record<string, unknown>> =>
  JSON.parse(answer.body) as Readonly<Record<string, unknown>> // the server answers with objects

async function openSocket(stage: Stage, path: string, proof: Readonly<Record<string, string>>): Promise<WebSocket> {
  const { ticket } = jsonOf(await stage.send({ method: 'POST', path: `${acme}/ticket`, headers: proof, body: {} }))
  const socket = new WebSocket(`${stage.url.replace('http', 'ws')}${path}?ticket=${String(ticket)}`)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  return socket
}

/** The client's side of the closing may take longer than the server's. */
async function closing(socket: WebSocket): Promise<Came> {
  const deadline = Date.now() + endsWithinMs
  while (socket.readyState === WebSocket.OPEN && Date.now() < deadline) await pause(20)
  return came(socket.readyState === WebSocket.OPEN ? 'still open' : 'ended', '')
}

const doors: readonly Door[] = [
  {
    name: 'a socket of events',
    entry: 'live events',
    open: async (stage, proof) => {
      const socket = await openSocket(stage, `${acme}/events`, proof)
      return () => closing(socket)
    },
  },
  {
    name: 'a stream of events',
    entry: 'live events',
    open: async (stage, proof) => {
      const answer = await fetch(`${stage.url}${acme}/events?after=0`, {
        headers: { ...proof, accept: 'text/event-stream' },
      })
      const ended = (async () => {
        try {
          for await (const _ of answer.body ?? []) void _
        } catch {
          // A stream may end by an error too.
        }
        return came('ended', '')
      })()
      return () => Promise.race([ended, pause(endsWithinMs).then(() => came('still open', ''))])
    },
  },
  {
    name: 'a session of RPC',
    entry: 'RPC',
    open: async (stage, proof) => {
      const socket = await openSocket(stage, `${acme}/rpc`, proof)
      return async () => {
        let text = ''
        socket.addEventListener('message', ({ data }) => void (text += String(data)))
        const message = JSON.stringify({
          calls: [{ kind: 'read', read: 'find', noun: 'Deal', parameters: { strong: 'true' } }],
        })
        if (socket.readyState === WebSocket.OPEN) {
          socket.send(JSON.stringify(['push', ['pipeline', 0, ['send'], [message]]]))
          socket.send('["pull",1]')
          await pause(500)
        }
        socket.close()
        return came(text === '' || text.includes('unauthorized') ? 'ended' : 'answered', text)
      }
    },
  },
  {
    name: 'an answer of the object',
    entry: 'ended keys',
    open: async (stage, proof) => {
      await asked(stage, `${acme}/Deal?strong=true&limit=3`, proof)
      return () => asked(stage, `${acme}/Deal?strong=true&limit=3`, proof)
    },
  },
  {
    name: 'a cached answer',
    entry: 'cached answers',
    open: async (stage, proof) => {
      for (let times = 0; times < 3; times++) await asked(stage, `${acme}/Deal?limit=4`, proof)
      return async () => {
        await pause(cachedMs)
        return asked(stage, `${acme}/Deal?limit=4`, proof)
      }
    },
  },
  {
    name: 'a validator of a cached answer',
    entry: 'cached answers',
    open: async (stage, proof) => {
      const path = `${acme}/Deal/${stage.names.get('own') ?? ''}`
      const first = await stage.send({ method: 'GET', path, headers: proof })
      return async () => {
        await pause(cachedMs)
        return asked(stage, path, { ...proof, 'if-none-match': String(first.headers['etag']) })
      }
    },
  },
  {
    name: 'the next page of a list',
    entry: 'cursors and bookmarks',
    open: async (stage, proof) => {
      const page = jsonOf(await stage.send({ method: 'GET', path: `${acme}/Deal?limit=1&strong=true`, headers: proof }))
      return () => asked(stage, `${acme}/Deal?limit=1&strong=true&cursor=${String(page['cursor'])}`, proof)
    },
  },
  {
    name: 'a ticket',
    entry: 'live events',
    open: async (stage, proof) => {
      const { ticket } = jsonOf(await stage.send({ method: 'POST', path: `${acme}/ticket`, headers: proof, body: {} }))
      const upgrade = {
        connection: 'upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
        'sec-websocket-version': '13',
      }
      return () => asked(stage, `${acme}/events?ticket=${String(ticket)}`, upgrade)
    },
  },
  {
    name: 'a plan',
    entry: 'plans',
    open: async (stage, proof) => {
      const tried = jsonOf(
        await stage.send({
          method: 'PATCH',
          path: `${acme}/Deal/${stage.names.get('own') ?? ''}?dryRun=true`,
          headers: proof,
          body: { name: 'z' },
        }),
      )
      return async () => {
        const done = await stage.send({
          method: 'POST',
          path: `${acme}/commits/plan/${String(tried['plan'])}`,
          headers: proof,
          body: {},
        })
        return { ...done, status: words(Number(done.status)) }
      }
    },
  },
  {
    name: 'the keys to the files',
    entry: 'files',
    open: async (stage, proof) => {
      const { s3 } = jsonOf(await stage.send({ method: 'GET', path: `${acme}/lake`, headers: proof })) as {
        readonly s3?: { readonly accessKeyId: string; readonly secretAccessKey: string }
      } // as documented
      return async () => {
        if (s3 === undefined) return came('no keys', '')
        await pause(cachedMs)
        const body = `grant_type=client_credentials&client_id=${s3.accessKeyId}&client_secret=${s3.secretAccessKey}`
        const token = await stage.send({
          method: 'POST',
          path: '/iceberg/acme/v1/oauth/tokens',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body,
        })
        const { access_token: text = '' } = jsonOf(token)
        return asked(stage, '/iceberg/acme/v1/config', { authorization: `Bearer ${String(text)}` })
      }
    },
  },
  {
    name: 'code next to the data',
    entry: 'code next to the data',
    open: async (stage, proof) => {
      const running = stage.send({
        method: 'POST',
        path: `${acme}/do`,
        headers: proof,
        body: {
          code: "async ($) => { for (let at = 0; at < 400; at++) await $.Deal.find({}, { strong: true }); return await $.Contact.create({ name: 'x' }) }",
        },
      })
      await pause(150)
      return async () => {
        const answer = await running
        return { ...answer, status: Number(answer.status) >= 400 ? 'ended' : String(answer.status) }
      }
    },
  },
]

export const endingAttacks: readonly BorderAttack[] = doors.map(({ name, entry, open }) => ({
  name: `${name}, after the key was revoked`,
  entry,
  by: 'revoked',
  expected: ['ended'],
  causes: ['ApiKey.Created', 'ApiKey.Updated', 'ApiKey.Revoked'],
  async send(stage) {
    const made = jsonOf(await stage.owner({ method: 'POST', path: `${acme}/ApiKey`, body: { name: 'short' } }))
    const use = await open(stage, { authorization: `Bearer ${String(made['key'])}` })
    await stage.owner({ method: 'POST', path: `${acme}/ApiKey/${String(made['$id'])}/revoke`, body: {} })
    return use()
  },
}))
