// How the connection is: its account, what waits, the latest runs, and what a person has to decide.

import { connectedSettings } from './connection.ts'
import type { ProviderParts } from './provider-parts.ts'

const listedMax = 5
const countedMax = 1_000

export function statusOf({ connection, hints, marks }: ProviderParts): object {
  const { parts } = connection
  const settings = connectedSettings(parts)
  const runs = parts.idsWith('PaymentRun', { field: 'status', value: 'Running', limit: listedMax })
  const { listedUntilMs } = marks
  return {
    provider: 'stripe',
    connected: settings !== undefined,
    mode: settings?.mode ?? null,
    account: settings?.account ?? null,
    /** Objects that changed at Stripe and are not fetched yet. */
    waitingFromStripe: hints.count,
    /** Events here that are not sent yet. */
    waitingToStripe: parts.waiting('payments.do/stripe'),
    eventsListedUntil: listedUntilMs === undefined ? null : new Date(listedUntilMs).toISOString(),
    running: runs.map((id) => {
      const { kind, startedAt, progress = null } = parts.read(id) ?? {}
      return { id, kind, startedAt, progress }
    }),
    openFindings: parts.idsWith('PaymentFinding', { field: 'status', value: 'Open', limit: countedMax }).length,
  }
}
