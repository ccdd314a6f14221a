// Stored functions: what one before a verb adds to a create, and how late those after events run at a hundred events a second.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, Headlessly } from '@headlessly/sdk'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { median } from './load.ts'
import { atMost, type Finding } from './report.ts'
import { interleave } from './writes.ts'

const rounds = 7
const createsPerRound = 60
const eventsPerSecond = 100
const seconds = 10
const drainMsMax = 60_000
const factorMax = 3
const delayMsMax = 1_000

export async function benchFunctions(note: (line: string) => void): Promise<Finding[]> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-bench-functions-'))
  const server = await startServer({ dataFolder, port: 0, log: () => {} })
  try {
    const clientOf = (tenant: string): Client => Headlessly({ tenant, endpoint: server.url })
    return [await benchBefore(clientOf), await benchAfter(clientOf('after'), note)]
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

async function benchBefore(clientOf: (tenant: string) => Client): Promise<Finding> {
  const [plain, scored] = [clientOf('plain'), clientOf('scored')]
  await scored.Contact.creating((contact) => ({ leadScore: contact.name.length }))
  const each = (client: Client) => async (): Promise<number> => {
    const start = performance.now()
    for (let at = 0; at < createsPerRound; at++) await client.Contact.create({ name: `contact ${at}` })
    return (performance.now() - start) / createsPerRound
  }
  // The first run makes the isolate.
  await each(scored)()
  await each(plain)()
  const times = await interleave({ plain: each(plain), scored: each(scored) }, rounds)
  const [without, having] = [median(times.plain), median(times.scored)]
  return atMost(
    'a create with one warm function before it, against one without',
    factorMax,
    having / without,
    `${having.toFixed(2)} ms, without ${without.toFixed(2)} ms`,
  )
}

async function benchAfter(client: Client, note: (line: string) => void): Promise<Finding> {
  await client.Contact.created(
    async (contact, $) => {
      await $.Ticket.create({ subject: contact.name, metadata: { at: contact.$createdAt } })
    },
    { name: 'follow' },
  )
  await client.Contact.create({ name: 'warm' })
  await ticketsOf(client, 1)
  const begun = performance.now()
  const total = eventsPerSecond * seconds
  const creating: Promise<unknown>[] = []
  for (let at = 0; at < total; at++) {
    const waitMs = begun + (at * 1_000) / eventsPerSecond - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    creating.push(Promise.resolve(client.Contact.create({ name: `contact ${at}` })))
  }
  await Promise.all(creating)
  const rate = total / ((performance.now() - begun) / 1_000)
  // The first event came before the others, to a process that had not run the function yet.
  const [cold = 0, ...delays] = await ticketsOf(client, total + 1)
  note(
    `${total} events at ${rate.toFixed(0)} a second: p50 ${percentile(delays, 0.5)} ms, p99 ${percentile(delays, 0.99)} ms; the first event of all ${cold} ms`,
  )
  return atMost(
    `${eventsPerSecond} events a second, each with a function that writes: the longest delay, against ${delayMsMax} ms`,
    1,
    Math.max(...delays) / delayMsMax,
    `${Math.max(...delays)} ms, p50 ${percentile(delays, 0.5)} ms; the first event of all ${cold} ms`,
  )
}

/** Returns the time between each event and the write that follows it, in the order of the events, once there are as many. */
async function ticketsOf(client: Client, count: number): Promise<readonly number[]> {
  const startMs = Date.now()
  while ((await client.Ticket.count({}, { strong: true })) < count) {
    if (Date.now() - startMs > drainMsMax) throw new Error('the functions did not end in time')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const found: { readonly atMs: number; readonly delayMs: number }[] = []
  for await (const { $createdAt, metadata } of client.Ticket.find({}, { strong: true })) {
    // The function wrote it.
    const { at } = metadata as unknown as { readonly at: string }
    const atMs = Date.parse(at)
    found.push({ atMs, delayMs: Date.parse($createdAt) - atMs })
  }
  return found.toSorted((one, other) => one.atMs - other.atMs).map(({ delayMs }) => delayMs)
}

function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0
}
