// Schedules: 10,000 subscriptions of one tenant that renew in the same minute, and what another tenant notices of it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Headlessly } from '@headlessly/sdk'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { atMost, type Finding } from './report.ts'

const subscriptions = 10_000
const pauseMs = 10
const aheadMs = 60_000
const doneMsMax = 600_000
const delayMsMax = 250

export async function benchJobs(note: (line: string) => void): Promise<Finding[]> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-bench-jobs-'))
  const server = await startServer({ dataFolder, port: 0, log: () => {} })
  try {
    const busy = Headlessly({ tenant: 'busy', endpoint: server.url })
    const quiet = Headlessly({ tenant: 'quiet', endpoint: server.url })
    await quiet.Contact.create({ name: 'Ada' })
    let looks = 0
    const before = await delays(quiet, () => Promise.resolve(++looks > 4))
    const dueMs = Date.now() + aheadMs
    const period = {
      currentPeriodStart: new Date(dueMs - 30 * 86_400_000).toISOString(),
      currentPeriodEnd: new Date(dueMs).toISOString(),
    }
    const customer = (await busy.Customer.create({ name: 'Ada', email: 'ada@example.com' })).$id
    const one = { customer, amount: 4_900, currency: 'USD', status: 'Active', ...period } as const
    await busy.Subscription.createMany(Array.from({ length: subscriptions }, () => one))
    note(
      `${subscriptions} subscriptions are created, ${Math.round((dueMs - Date.now()) / 1_000)} s before they are due`,
    )
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - Date.now())))
    const startMs = Date.now()
    const during = await delays(quiet, async () => {
      if (Date.now() - startMs > doneMsMax) throw new Error('the renewals did not end in time')
      return (await renewed(busy)) === subscriptions
    })
    const seconds = (Date.now() - startMs) / 1_000
    const detail = `${percentile(during, 0.99).toFixed(0)} ms, without jobs ${percentile(before, 0.99).toFixed(0)} ms; maximum ${Math.max(...during).toFixed(0)} ms; ${subscriptions} renewals took ${seconds.toFixed(0)} s`
    return [
      atMost(
        `a write of another tenant while ${subscriptions} subscriptions renew: p99 of its delay, against ${delayMsMax} ms`,
        1,
        (percentile(during, 0.99) - percentile(before, 0.5)) / delayMsMax,
        detail,
      ),
    ]
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

/** Writes between two looks at the progress. */
const writesPerLook = 50

/** Writes one after another until it is done, and returns the time that each took. */
async function delays(
  client: ReturnType<typeof Headlessly>,
  isDone: () => Promise<boolean>,
): Promise<readonly number[]> {
  const millis: number[] = []
  for (let at = 0; at % writesPerLook !== 0 || at === 0 || !(await isDone()); at++) {
    const start = performance.now()
    await client.Contact.create({ name: `contact ${at}` })
    millis.push(performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  return millis
}

async function renewed(client: ReturnType<typeof Headlessly>): Promise<number> {
  return client.Subscription.count({ renewedAt: { $exists: true } }, { strong: true })
}

function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0
}
