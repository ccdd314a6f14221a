// The founder's questions of the example of a year: the time of each at the size of the year, and at ten times the size, and how
// long metrics hold the thread at the larger size. That the answers are right is shown by the example's own test.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, Headlessly } from '@headlessly/sdk'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { wholeYear } from '../examples/a-year-of-business/imagine-year.ts'
import { type Asked, questions } from '../examples/a-year-of-business/questions.ts'
import { advanceClock } from './advance-clock.ts'
import { makeNeighbour } from './neighbour.ts'
import type { Finding } from './report.ts'

const sizes = [
  { times: 1, msMax: 50 },
  { times: 10, msMax: 1_000 },
]
const runs = 15
/** Months of renewals, after which a subscription has as many invoices as in the year. */
const months = 4
const perBatch = 90
/** Limits the time for which metrics hold the thread. */
const delayMsMax = 100
const asked: Asked = { first: '2026-01-01', last: '2026-05-01', someDay: new Date('2026-03-15T12:00:00Z') }

export async function benchQuestions(note: (line: string) => void): Promise<Finding[]> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-bench-questions-'))
  const server = await startServer({ dataFolder, port: 0, log: () => {} })
  try {
    const findings: Finding[] = []
    for (const { times, msMax } of sizes) {
      const client = Headlessly({ tenant: `times${times}`, endpoint: server.url })
      await fill(client, times)
      note(`the tenant of ${times} x the year is filled`)
      for (const { name, ask } of questions) {
        const millis: number[] = []
        for (let run = 0; run < runs; run++) {
          const startMs = performance.now()
          await ask(client, asked)
          millis.push(performance.now() - startMs)
        }
        const [first = 0] = millis
        const median = millis.toSorted((a, b) => a - b)[Math.floor(runs / 2)] ?? 0
        findings.push({
          what: `${name}, at ${times === 1 ? 'the size of the year' : `${times} times the size`}`,
          target: `at most ${msMax} ms`,
          measured: `${median.toFixed(0)} ms (the first time ${first.toFixed(0)} ms)`,
          isMet: median <= msMax,
        })
        note(`${name}: ${median.toFixed(0)} ms, at first ${first.toFixed(0)} ms`)
      }
    }
    return [...findings, ...(await slices(server.url, note))]
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

/** The reads of metrics that take longest. */
const heavyReads: readonly (readonly [name: string, read: (client: Client) => Promise<unknown>])[] = [
  ['nothing else', () => new Promise((resolve) => setTimeout(resolve, 300))],
  ['the lifetime value of a customer', ({ metrics }) => metrics.get('ltv')],
  ['net revenue retention', ({ metrics }) => metrics.get('nrr')],
  ['MRR on each day', ({ metrics }) => metrics.get('mrr', { step: 'day', from: asked.first })],
  ['net revenue retention on each day', ({ metrics }) => metrics.get('nrr', { step: 'day', from: asked.first })],
  ['overdue invoices on each day', ({ metrics }) => metrics.get('overdue', { step: 'day', from: asked.first })],
  ['all metrics', ({ metrics }) => metrics.all()],
  ['all metrics of a past day', ({ metrics }) => metrics.all({ asOf: asked.someDay })],
]

async function slices(endpoint: string, note: (line: string) => void): Promise<Finding[]> {
  const neighbour = await makeNeighbour(endpoint)
  const client = Headlessly({ tenant: `times${sizes.at(-1)?.times}`, endpoint })
  const findings: Finding[] = []
  for (const [name, read] of heavyReads) {
    const delayMs = await neighbour.longestDelayWhile(() => read(client))
    note(`a neighbour beside ${name}: ${delayMs.toFixed(0)} ms`)
    const isBare = read === heavyReads[0]?.[1]
    findings.push({
      what: `longest delay of a neighbour's read beside ${name}, at ten times the size`,
      target: isBare ? '' : `at most ${delayMsMax} ms`,
      measured: `${delayMs.toFixed(0)} ms`,
      ...(isBare ? {} : { isMet: delayMs <= delayMsMax }),
    })
  }
  return findings
}

async function fill(client: Client, times: number): Promise<void> {
  const { Organization, Customer, Subscription, Invoice, Ticket, Deal } = client
  await client.clock.set('2026-01-01T09:00:00Z')
  await client.settings.update({ timeZone: 'Europe/Berlin', currency: 'EUR', paymentRetryDays: [] })
  const list = <Item>(count: number, make: (at: number) => Item): Item[] =>
    Array.from({ length: count * times }, (_, at) => make(at))
  const organizations = list(wholeYear.organizations, (at) => ({ name: `o${at}` }))
  const organizationIds = (await Organization.createMany(organizations)).ids
  const customers = list(wholeYear.customers, (at) => ({ name: `c${at}`, email: `c${at}@customers.example` }))
  const customerIds = (await Customer.createMany(customers)).ids
  const price = await client.Price.create({ amount: 4_950, currency: 'EUR', interval: 'Monthly' })
  await Subscription.createMany(
    customerIds.map((customer, at) => ({
      customer,
      price: price.$id,
      quantity: 1 + (at % 9),
      status: 'Active' as const,
    })),
  )
  const stages = ['Prospecting', 'Proposal', 'Won', 'Lost'] as const
  const priorities = ['Low', 'Medium', 'High', 'Urgent'] as const
  for (let month = 0; month < months; month++) {
    const organization = (at: number): string => organizationIds[at % organizationIds.length] ?? ''
    await Ticket.createMany(
      list(wholeYear.tickets / months, (at) => ({
        subject: `t${at}`,
        organization: organization(at),
        priority: priorities[at % 4] ?? 'Low',
        status: at % 5 === 0 ? ('Open' as const) : ('Resolved' as const),
      })),
    )
    await Deal.createMany(
      list(Math.round(wholeYear.deals / months), (at) => ({
        name: `d${at}`,
        value: 1_000 + at,
        probability: 50,
        currency: 'EUR',
        organization: organization(at),
        stage: stages[at % 4] ?? 'Proposal',
      })),
    )
    await advanceClock(client, 'P1M')
  }
  const open: { readonly $id: string }[] = []
  for await (const invoice of Invoice.find({ status: 'Open' }, { fields: ['status'], strong: true })) open.push(invoice)
  // A tenth is never paid.
  const paid = open.filter((_, at) => at % 10 !== 0)
  for (let at = 0; at < paid.length; at += perBatch)
    await client.batch((tx) => {
      for (const { $id } of paid.slice(at, at + perBatch)) tx.Invoice.pay($id)
    })
}
