// Events of web pages while the server is killed: what was acknowledged is there, and what was sent again is there once.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { killServer, sleep } from '../../../soak/kill-server.ts'
import { readLog, verifyTenant } from '../../../soak/replay-log.ts'
import { type Server, startServer } from '../src/embedded/launcher.ts'

const [senders, kills, batchEvents] = [4, 4, 20]
/** So small that every step of a flush happens many times a second. */
const flush = {
  intervalMs: 100,
  eventsMax: 150,
  sealedEvents: 200,
  keptEvents: 300,
  deltaRowsMin: 150,
  rowsPerStep: 100,
}
const headers = { 'content-type': 'application/json' }

interface Sent {
  readonly url: string
  isOver: boolean
  readonly acknowledged: string[]
  /** Attempts without an answer, after which the batch was sent again. */
  unanswered: number
}

/** Sends a batch until it is acknowledged. */
async function send(sent: Sent, ids: readonly string[]): Promise<void> {
  const body = JSON.stringify({ events: ids.map((id) => ({ id, type: 'page', name: id })) })
  for (let attempt = 0; attempt < 600; attempt++) {
    const answer = await fetch(sent.url, { method: 'POST', body, signal: AbortSignal.timeout(10_000) }).then(
      ({ status, ok }) => ({ status, ok }),
      (error: unknown) => {
        // The server was killed, or is not up yet.
        if (error instanceof TypeError || error instanceof DOMException) return { status: 0, ok: false }
        throw error
      },
    )
    if (answer.ok) return void sent.acknowledged.push(...ids)
    if (![0, 429, 502, 503].includes(answer.status)) throw new Error(`ingest answered ${answer.status}`)
    if (answer.status === 0) sent.unanswered++
    await sleep(50)
  }
  throw new Error('no batch was acknowledged in time')
}

async function sendMany(sent: Sent, sender: number): Promise<void> {
  for (let batch = 0; !sent.isOver; batch++) {
    const ids = Array.from({ length: batchEvents }, (_, at) => `visit-${sender}-${batch}-${at}`)
    await send(sent, ids)
    // Pages that did not hear the answer send their events again.
    if (batch % 5 === 0) await send(sent, ids.slice(5))
  }
}

async function post(server: Server, path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${server.url}/~visits${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(answer.ok).toBe(true)
  return (await answer.json()) as Record<string, unknown>
}

test('events of web pages that were acknowledged survive kills of the server, and a repeated one is stored once', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-ingest-'))
  const server = await startServer({ dataFolder, port: 0, log: () => {}, flush: JSON.stringify(flush) })
  try {
    const key = await post(server, '/ApiKey', { name: 'shop', kind: 'Public', scopes: 'write:Event' })
    const url = `${server.url}/~visits/ingest?key=${String(key['key'])}`
    const sent: Sent = { url, isOver: false, acknowledged: [], unanswered: 0 }
    const running = Array.from({ length: senders }, (_, sender) => sendMany(sent, sender))
    for (let count = 0; count < kills; count++) {
      const before = sent.acknowledged.length
      // Each kill comes while events are being written.
      while (sent.acknowledged.length < before + 4 * batchEvents) await sleep(20)
      await killServer(server)
    }
    sent.isOver = true
    await Promise.all(running)
    expect(sent.unanswered).toBeGreaterThan(0)

    await post(server, '/lake/flush', {})
    expect(await post(server, '/lake/verify', {})).toMatchObject({ faults: [] })
    await verifyTenant({ baseUrl: server.url, tenant: 'visits' })
    const wanted = [...new Set(sent.acknowledged)].toSorted()
    const logged: string[] = []
    for await (const { type, data } of readLog(`${server.url}/~visits`))
      if (type === 'Event.Created') logged.push(String(data['name']))
    expect(logged.toSorted()).toEqual(wanted)
    for (const strong of ['true', 'false']) {
      const page = await fetch(`${server.url}/~visits/Event?count=exact&limit=1&strong=${strong}`)
      expect(await page.json()).toMatchObject({ total: wanted.length })
    }
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
})
