// Transactions: CPU of the server for a commit of 100 creates against the same creates in one message, the time of a program
// of ten operations against the same ten as one batch, and how often contending programs conflict.

import { readdirSync, readFileSync } from 'node:fs'
import { Headlessly } from '@headlessly/sdk'
import type { Server } from '../apps/headless.ly/src/embedded/launcher.ts'
import { runPrograms } from '../checks/serializability/run-programs.ts'
import { cpuMicrosOf, meanOfLowest } from './load.ts'
import { atMost, type Finding } from './report.ts'

const creates = 100
/** Commits of one measurement. */
const repeated = 20
const rounds = 7
const operations = 10
const runs = 40
const contending = { clients: 16, programs: 20, seed: 1 }

type Send = (tenant: string) => Promise<void>

export async function benchTransactions({ ours }: { readonly ours: Server }): Promise<Finding[]> {
  return [...(await commits(ours)), ...(await programs(ours)), await conflicts(ours)]
}

async function commits(server: Server): Promise<Finding[]> {
  const clients = new Map<string, ReturnType<typeof Headlessly>>()
  const clientOf = (tenant: string): ReturnType<typeof Headlessly> => {
    const client = clients.get(tenant) ?? Headlessly({ tenant, endpoint: server.url })
    clients.set(tenant, client)
    return client
  }
  const ways: Readonly<Record<string, Send>> = {
    message: async (tenant) => {
      const $ = clientOf(tenant)
      await Promise.all(contacts().map((contact) => $.Contact.create(contact)))
    },
    batch: (tenant) => post(`${server.url}/~${tenant}/batch`, { operations: createOperations(creates) }),
    createMany: (tenant) => post(`${server.url}/~${tenant}/Contact/createMany`, { entities: contacts() }),
  }
  const micros: Record<string, number[]> = {}
  for (let round = 0; round <= rounds; round++) {
    for (const [name, send] of Object.entries(ways)) {
      const tenant = `transactions-${name.toLowerCase()}`
      const before = cpuMicrosOf(server.pid())
      for (let at = 0; at < repeated; at++) await send(tenant)
      const each = (cpuMicrosOf(server.pid()) - before) / repeated / creates
      if (round > 0) micros[name] = [...(micros[name] ?? []), each]
    }
  }
  const [message, batch, many] = ['message', 'batch', 'createMany'].map((name) => meanOfLowest(micros[name] ?? []))
  const detail = (own = 0): string => `${own.toFixed(0)} µs a create, in a message ${message?.toFixed(0)} µs`
  const what = `a commit of ${creates} creates, against the same in one message: CPU`
  return [
    atMost(`${what}, as a batch`, 1, (batch ?? 0) / (message ?? 1), detail(batch)),
    atMost(`${what}, by createMany`, 1, (many ?? 0) / (message ?? 1), detail(many)),
  ]
}

/** All processes count, since code runs beside the server. */
async function programs(server: Server): Promise<Finding[]> {
  const url = `${server.url}/~transactions-programs`
  const ways: Readonly<Record<string, () => Promise<void>>> = {
    batch: () => post(`${url}/batch`, { operations: createOperations(operations) }),
    'one after another': () =>
      post(`${url}/do`, { code: codeOf('for (const one of all) await $.Contact.create(one)') }),
    'at once': () => post(`${url}/do`, { code: codeOf('await Promise.all(all.map((one) => $.Contact.create(one)))') }),
  }
  const millis: Record<string, number[]> = {}
  const micros: Record<string, number[]> = {}
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(ways)) {
      const [start, before] = [performance.now(), cpuOfAll()]
      for (let at = 0; at < runs; at++) await run()
      if (round === 0) continue
      millis[name] = [...(millis[name] ?? []), (performance.now() - start) / runs]
      micros[name] = [...(micros[name] ?? []), (cpuOfAll() - before) / runs]
    }
  }
  const [batchMs, batchMicros] = [meanOfLowest(millis['batch'] ?? []), meanOfLowest(micros['batch'] ?? [])]
  return ['one after another', 'at once'].map((name) => {
    const [ms, cpu] = [meanOfLowest(millis[name] ?? []), meanOfLowest(micros[name] ?? [])]
    const detail = `${ms.toFixed(1)} ms, batch ${batchMs.toFixed(1)} ms; CPU of all processes ${(cpu / 1_000).toFixed(1)} ms, batch ${(batchMicros / 1_000).toFixed(1)} ms`
    return atMost(`do with ${operations} creates ${name}, against one batch of them: time`, 2, ms / batchMs, detail)
  })
}

async function conflicts(server: Server): Promise<Finding> {
  const { transactions, failures, retries } = await runPrograms({
    ...contending,
    tenantUrl: `${server.url}/~transactions-conflicts`,
    isAtomic: true,
  })
  const conflicting = failures['read_conflict'] ?? 0
  return {
    what: `for comparison: conflicts of ${contending.clients} clients' programs over the same few entities`,
    target: '',
    measured: `${((100 * retries) / (transactions.length + retries)).toFixed(1)} % of ${transactions.length + retries} runs, ${((100 * conflicting) / transactions.length).toFixed(1)} % of ${transactions.length} programs after their retries`,
  }
}

let made = 0

function contacts(): readonly { readonly name: string; readonly email: string; readonly leadScore: number }[] {
  return Array.from({ length: creates }, () => contact())
}

function contact() {
  made++
  return { name: `Ada Lovelace ${made}`, email: `ada${made}@example.com`, leadScore: made % 100 }
}

function createOperations(count: number) {
  return Array.from({ length: count }, (_, at) => ({ id: `o${at}`, method: 'POST', path: '/Contact', body: contact() }))
}

function codeOf(statement: string): string {
  const all = JSON.stringify(Array.from({ length: operations }, () => contact()))
  return `async ($) => { const all = ${all}; ${statement} }`
}

async function post(url: string, body: object): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 300)}`)
}

/** The CPU time of the servers that this process has started. */
function cpuOfAll(): number {
  const pids = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' '),
  )
  return pids.filter((pid) => pid !== '').reduce((sum, pid) => sum + cpuMicrosOf(Number(pid)), 0)
}
