// Kills the server with SIGKILL while a person approves a refund. Afterwards the approval and its commit are both there or both
// not, and approving again leads to exactly one refund.
//
//   npm run soak:kill-approvals -- --rounds 50

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { getJson, postJson } from './ask-json.ts'
import { killServer, sleep } from './kill-server.ts'

export interface KillApprovalsOptions {
  readonly rounds: number
  readonly seed: number
  readonly log?: (line: string) => void
}

export interface KillApprovalsSummary {
  /** Rounds in which the kill left the request waiting. */
  pending: number
  /** Rounds in which it was approved and refunded before. */
  approved: number
}

const amount = 1_000
const attemptsMax = 50

export async function killUnderApprovals({
  rounds,
  seed,
  log = () => {},
}: KillApprovalsOptions): Promise<KillApprovalsSummary> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-kill-approvals-'))
  const server = await startServer({ dataFolder, port: 0, log: () => {} })
  const url = `${server.url}/~approved`
  const summary: KillApprovalsSummary = { pending: 0, approved: 0 }
  try {
    const random = seededRandom(seed)
    const customer = (await postJson(`${url}/Customer`, { name: 'Acme' }))['$id']
    const key = await keyOfAgent(url)
    const refundOnce = async (): Promise<{ readonly payment: string; readonly approval: string }> => {
      const payment = String((await postJson(`${url}/Payment/capture`, { amount, currency: 'EUR', customer }))['$id'])
      return { payment, approval: await askRefund(`${url}/Payment/${payment}/refund`, key) }
    }
    const timed = await refundOnce()
    const startedAt = performance.now()
    await postJson(`${url}/approvals/${timed.approval}/approve`, {})
    const approveMs = Math.max(5, performance.now() - startedAt)
    for (let round = 1; round <= rounds; round++) {
      const { payment, approval } = await refundOnce()
      const approving = postJson(`${url}/approvals/${approval}/approve`, {}).catch(() => undefined)
      await sleep(random() * 2 * approveMs)
      await killServer(server)
      await approving
      const { status } = await getJson(`${url}/approvals/${approval}`)
      const refunded = await refundsOf(url, payment)
      if (refunded !== (status === 'Approved' ? 1 : 0))
        throw new Error(`round ${round}: the request is ${String(status)}, with ${refunded} refunds`)
      summary[status === 'Approved' ? 'approved' : 'pending']++
      await approveInTheEnd(url, approval)
      const inTheEnd = await refundsOf(url, payment)
      if (inTheEnd !== 1) throw new Error(`round ${round}: ${inTheEnd} refunds in the end`)
      log(`round ${round}: ${JSON.stringify(summary)}`)
    }
    const report = await postJson(`${url}/lake/verify`, {})
    if (report['isWhole'] !== true) throw new Error(JSON.stringify(report))
    return summary
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

async function keyOfAgent(url: string): Promise<string> {
  const person = { name: 'Ada', email: 'ada@acme.example', role: 'Admin', status: 'Active' }
  const owner = (await postJson(`${url}/User`, person))['$id']
  const agent = await postJson(`${url}/Agent`, { name: 'Robot', owner, status: 'Active', mode: 'Supervised' })
  return String((await postJson(`${url}/ApiKey`, { name: 'robot', owner: agent['$id'] }))['key'])
}

/** Returns the approval for which the agent's refund waits. */
async function askRefund(address: string, key: string): Promise<string> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` }
  const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify({ amount }) })
  const { approval, detail } = (await response.json()) as { readonly approval?: string; readonly detail?: string }
  if (response.status === 403 && approval !== undefined) return approval
  throw new Error(`a refund of an agent waits, got ${response.status} ${String(detail)}`)
}

async function refundsOf(url: string, payment: string): Promise<number> {
  const { results } = await getJson(`${url}/Payment/${payment}/history?strong=true`)
  return (results as readonly { readonly type: string }[]).filter(({ type }) => type === 'Payment.Refunded').length
}

/** An approved request answers a second approval with a conflict. */
async function approveInTheEnd(url: string, approval: string): Promise<void> {
  for (let attempt = 1; attempt < attemptsMax; attempt++) {
    await postJson(`${url}/approvals/${approval}/approve`, {}).catch(() => undefined)
    const { status } = await getJson(`${url}/approvals/${approval}`).catch(() => ({ status: undefined }))
    if (status === 'Approved') return
    await sleep(50)
  }
  throw new Error(`${approval} was not approved in the end`)
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '50' }, seed: { type: 'string' } } })
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  console.log(`seed ${seed}`)
  await buildIfStale()
  const summary = await killUnderApprovals({ rounds: Number(values.rounds), seed, log: console.log })
  console.log(`each refund was made once: ${JSON.stringify(summary)}`)
}
