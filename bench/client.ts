// What the client adds to a call, and what it saves by batching calls.

import { connect, createServer, type Server as TcpServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { type Client, Headlessly } from '@headlessly/sdk'
import type { Server } from '../apps/headless.ly/src/embedded/launcher.ts'
import { median } from './load.ts'
import { atLeast, atMost, type Finding } from './report.ts'
import { interleave } from './writes.ts'

const rounds = 9
const roundMs = 400
const latencyMs = 50
const tenant = 'client'

export async function benchClient(server: Server): Promise<Finding[]> {
  const overHttp = Headlessly({ tenant, endpoint: server.url, connection: 'http' })
  const overSocket = Headlessly({ tenant, endpoint: server.url, connection: 'websocket' })
  const asGiven = Headlessly({ tenant, endpoint: server.url })
  const id = await seed(overHttp)
  const findings: Finding[] = []
  for (const concurrency of [1, 16]) {
    const rates = await interleave(
      {
        plain: () => rate(concurrency, () => plainGet(server.url, id)),
        asGiven: () => rate(concurrency, () => asGiven.Contact.get(id)),
        overHttp: () => rate(concurrency, () => overHttp.Contact.get(id)),
        overSocket: () => rate(concurrency, () => overSocket.Contact.get(id)),
      },
      rounds,
    )
    const plain = median(rates.plain)
    const against = (ours: readonly number[]): [number, string] => {
      const rate = median(ours)
      return [rate / plain, `${Math.round(rate)}/s, plain ${Math.round(plain)}/s`]
    }
    const what = `get by the client against fetch of the same, concurrency ${concurrency}`
    findings.push(atLeast(what, 0.7, ...against(rates.asGiven)))
    findings.push(beside(`${what}, a request each`, ...against(rates.overHttp)))
    findings.push(beside(`${what}, over a WebSocket`, ...against(rates.overSocket)))
  }
  findings.push(await benchTick(asGiven, 'as it chooses', id), await benchTick(overHttp, 'a request', id))
  findings.push(await benchPipelining(server))
  return findings
}

function beside(what: string, ratio: number, detail: string): Finding {
  return { what, target: '', measured: `${ratio.toFixed(2)}x (${detail})` }
}

async function seed(client: Client): Promise<string> {
  for (let at = 0; at < 20; at++) {
    const contact = client.Contact.create({ name: `Contact ${at}`, stage: at % 2 === 0 ? 'Qualified' : 'Lead' })
    for (let deal = 0; deal < 5; deal++)
      void client.Deal.create({
        name: `Deal ${deal}`,
        value: deal,
        stage: deal % 2 === 0 ? 'Negotiation' : 'Proposal',
        contact: contact.$id,
      })
    await contact
  }
  const contact = await client.Contact.create({
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    leadScore: 80,
    title: 'Analyst',
  })
  await client.lake.flush()
  return contact.$id
}

async function plainGet(url: string, id: string): Promise<unknown> {
  const response = await fetch(`${url}/~${tenant}/Contact/${id}`)
  return response.json()
}

/** Returns calls per second. */
async function rate(concurrency: number, call: () => PromiseLike<unknown>): Promise<number> {
  const start = performance.now()
  let calls = 0
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (; performance.now() - start < roundMs; calls++) await call()
    }),
  )
  return (calls / (performance.now() - start)) * 1_000
}

async function benchTick(client: Client, how: string, id: string): Promise<Finding> {
  const one = (): PromiseLike<unknown> => client.Contact.get(id)
  const ten = (): Promise<unknown> => Promise.all(Array.from({ length: 10 }, one))
  const rates = await interleave({ one: () => rate(1, one), ten: () => rate(1, ten) }, rounds)
  const [oneMs, tenMs] = [1_000 / median(rates.one), 1_000 / median(rates.ten)]
  const detail = `${tenMs.toFixed(2)} ms, ${oneMs.toFixed(2)} ms`
  return atMost(`ten gets of one tick against one, over ${how}`, 2, tenMs / oneMs, detail)
}

async function benchPipelining(server: Server): Promise<Finding> {
  const { proxy, url } = await delay(server.url)
  const client = Headlessly({ tenant, endpoint: url })
  const piped = async (): Promise<number> => {
    const start = performance.now()
    await client.Contact.find({ stage: 'Qualified' })
      .map((contact) => contact.deals)
      .filter((deal) => deal.stage === 'Negotiation')
    return performance.now() - start
  }
  const stepped = async (): Promise<number> => {
    const start = performance.now()
    const contacts = await client.Contact.find({ stage: 'Qualified' })
    const deals = await client.Deal.find({ contact: { $in: contacts.map(({ $id }) => $id) } }, { limit: 100 })
    await client.Deal.find({ $id: { $in: deals.map(({ $id }) => $id) }, stage: 'Negotiation' }, { limit: 100 })
    return performance.now() - start
  }
  await piped()
  const times = await interleave({ piped, stepped }, 11)
  proxy.close()
  const [ours, theirs] = [median(times.piped), median(times.stepped)]
  const what = `the pipeline against three awaited calls, ${latencyMs} ms away`
  return atMost(what, 0.4, ours / theirs, `${ours.toFixed(0)} ms, ${theirs.toFixed(0)} ms`)
}

/** A proxy to the same server that delays answers by the latency. */
async function delay(url: string): Promise<{ readonly proxy: TcpServer; readonly url: string }> {
  const { port, hostname } = new URL(url)
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname)
    client.setNoDelay(true)
    client.on('data', (chunk) => setTimeout(() => server.write(chunk), latencyMs))
    server.on('data', (chunk) => client.write(chunk))
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('close', () => other.destroy())
      one.on('error', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve))
  return { proxy, url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` }
}
