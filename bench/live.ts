// 1,000 WebSocket subscribers and one event per second, compared with a bare hub that sends each message to all, and as many
// subscribers of 100 different live queries, compared with subscribers of events.

import type { Server } from '../apps/headless.ly/src/embedded/launcher.ts'
import { cpuMicrosOf, percentile } from './load.ts'
import { atMost, type Finding } from './report.ts'

const subscribers = 1_000
const events = 20
const pauseMs = 1_000
const settleMs = 5_000
const filters = 100

interface Feed {
  /** The process that sends the events. */
  readonly pid: number
  readonly urlOf: (subscriber: number) => string
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
  const feedOfOurs = {
    pid: ours.pid(),
    publish: (text: string) => send(`${ours.url}/~live/Contact`, JSON.stringify({ name: text, leadScore: filters })),
    isGreeting: (message: string) => message.includes('"Ready"'),
  }
  const results = {
    bare: await deliver({
      pid: bare.pid(),
      urlOf: () => `ws://localhost:${bare.port}/live`,
      publish: (text) => send(`${bare.url}/publish`, `{"name":"${text}","padding":"${padding}"}`),
      isGreeting: () => false,
    }),
    ours: await deliver({ ...feedOfOurs, urlOf: () => `ws://localhost:${ours.port}/~live/events?type=Contact.*` }),
    queries: await deliver({
      ...feedOfOurs,
      urlOf: (subscriber) => {
        // Each matches every event, so that both kinds of subscribers receive as much.
        const filter = JSON.stringify({ leadScore: { $gte: subscriber % filters } })
        return `ws://localhost:${ours.port}/~live/Contact/live?filter=${encodeURIComponent(filter)}`
      },
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
    {
      what: `${subscribers} subscribers of ${filters} live queries: delivered`,
      target: 'every change',
      measured: `${results.queries.delivered} of ${expected}`,
      isMet: results.queries.delivered === expected,
    },
    atMost(
      'the same: CPU of the server against subscribers of events',
      2,
      results.queries.cpuMs / results.ours.cpuMs,
      `${results.queries.cpuMs.toFixed(0)} ms, ${results.ours.cpuMs.toFixed(0)} ms; p99 ${results.queries.p99Ms.toFixed(0)} ms`,
    ),
  ]
}

async function deliver(feed: Feed): Promise<{ delivered: number; p99Ms: number; cpuMs: number }> {
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
    sockets.push(...(await Promise.all(Array.from({ length: 50 }, (_, at) => open(feed.urlOf(count + at), receive)))))
  }
  const cpuBefore = cpuMicrosOf(feed.pid)
  for (let at = 0; at < events; at++) {
    const name = `event ${at}`
    sentAt.set(name, performance.now())
    await feed.publish(name)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  const deadline = Date.now() + settleMs
  while (delays.length < subscribers * events && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50))
  const cpuMs = (cpuMicrosOf(feed.pid) - cpuBefore) / 1_000
  for (const socket of sockets) socket.close()
  const sorted = delays.toSorted((a, b) => a - b)
  return { delivered: delays.length, p99Ms: percentile(sorted, 0.99), cpuMs }
}

function open(url: string, receive: (message: string) => void): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url)
    socket.addEventListener('open', () => resolve(socket))
    socket.addEventListener('error', () => reject(new Error(`the WebSocket to ${url} failed`)))
    socket.addEventListener('message', (event) => receive(String(event.data)))
  })
}
