// 1,000 WebSocket subscribers and one event per second, compared with a bare hub that sends each message to all.

import type { Server } from '../apps/headless.ly/src/embedded/launcher.ts'
import { percentile } from './load.ts'
import { atMost, type Finding } from './report.ts'

const subscribers = 1_000
const events = 20
const pauseMs = 1_000
const settleMs = 5_000

interface Feed {
  readonly url: string
  /** Publishes one event that contains the text and reaches every subscriber. */
  readonly publish: (text: string) => Promise<void>
  /** Whether a message is the feed's own greeting. */
  readonly isGreeting: (message: string) => boolean
}

export async function benchLive(servers: { readonly ours: Server; readonly bare: Server }): Promise<Finding[]> {
  const { ours, bare } = servers
  const send = async (url: string, body: string): Promise<void> => {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    if (!answer.ok) throw new Error(await answer.text())
    await answer.arrayBuffer()
  }
  const padding = 'x'.repeat(400)
  // A tenant that does not exist yet refuses some of many requests at once.
  await send(`${ours.url}/~live/Contact`, '{"name":"first"}')
  const results = {
    bare: await deliver({
      url: `ws://localhost:${bare.port}/live`,
      publish: (text) => send(`${bare.url}/publish`, `{"name":"${text}","padding":"${padding}"}`),
      isGreeting: () => false,
    }),
    ours: await deliver({
      url: `ws://localhost:${ours.port}/~live/events?type=Contact.*`,
      publish: (text) => send(`${ours.url}/~live/Contact`, JSON.stringify({ name: text })),
      isGreeting: (message) => message.includes('"Ready"'),
    }),
  }
  const expected = subscribers * events
  const detail = `p99 ${results.ours.p99Ms.toFixed(0)} ms, bare ${results.bare.p99Ms.toFixed(0)} ms`
  return [
    {
      what: `${subscribers} WebSocket subscribers, one event a second: delivered`,
      target: 'every event',
      measured: `${results.ours.delivered} of ${expected}`,
      isMet: results.ours.delivered === expected,
    },
    atMost('the same: p99 against a bare hub', 1.5, results.ours.p99Ms / results.bare.p99Ms, detail),
  ]
}

async function deliver(feed: Feed): Promise<{ delivered: number; p99Ms: number }> {
  const sentAt = new Map<string, number>()
  const delays: number[] = []
  const receive = (message: string): void => {
    if (feed.isGreeting(message)) return
    const name = /"name":"(event \d+)"/.exec(message)?.[1]
    const sent = name === undefined ? undefined : sentAt.get(name)
    if (sent === undefined) throw new Error(`unexpected message: ${message.slice(0, 200)}`)
    delays.push(performance.now() - sent)
  }
  const sockets: WebSocket[] = []
  for (let count = 0; count < subscribers; count += 50) {
    sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => open(feed.url, receive)))))
  }
  for (let at = 0; at < events; at++) {
    const name = `event ${at}`
    sentAt.set(name, performance.now())
    await feed.publish(name)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  const deadline = Date.now() + settleMs
  while (delays.length < subscribers * events && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50))
  for (const socket of sockets) socket.close()
  const sorted = delays.toSorted((a, b) => a - b)
  return { delivered: delays.length, p99Ms: percentile(sorted, 0.99) }
}

function open(url: string, receive: (message: string) => void): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url)
    socket.addEventListener('open', () => resolve(socket))
    socket.addEventListener('error', () => reject(new Error(`the WebSocket to ${url} failed`)))
    socket.addEventListener('message', (event) => receive(String(event.data)))
  })
}
