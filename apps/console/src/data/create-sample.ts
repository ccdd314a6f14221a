// Begins a tenant with the sample company. Its acts are loaded with this file, when somebody wants them.

import { loadDemo } from '@headlessly/sdk'
import { refuseExisting } from './create-tenant.ts'
import { beginTour } from './tour.ts'
import { whileLoading } from './unfinished-sample.ts'
import { account, clientOf } from './workspace.ts'

/** A step of the clock answers after ten seconds at the latest, however long its jobs take. */
const timeoutMs = 60_000

/** The acts are written through the same client that everybody has. */
export async function createSample(tenant: string, onProgress: (done: number, total: number) => void): Promise<void> {
  const isSignedIn = await refuseExisting(tenant)
  // The first event is that of the owner, and the year has to begin before it.
  const begin = isSignedIn ? { begin: (now: string) => account.createTenant(tenant, { now }) } : {}
  const untilMs = Date.parse(`${new Date().toISOString().slice(0, 10)}T00:00:00Z`)
  await whileLoading(tenant, async () => {
    await loadDemo(clientOf(tenant, { timeoutMs }), { untilMs, onProgress, ...begin })
    await beginTour(tenant)
  })
}
