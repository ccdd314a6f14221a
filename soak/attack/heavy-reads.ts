// Hundreds of reads at once, each of which scans a large tenant. Every one gets an answer or a 503 with a time to try again,
// none loses its connection, and the server goes on.

import { type Target, type Scenario, scaled } from './scenario.ts'
import { loadContacts } from './load-contacts.ts'
import { checkParallelReads } from './parallel-reads.ts'

const contacts = 50_000
const reads = 800
/** A neighbour asks some hundred times meanwhile. Of fewer requests, the slowest would be the 99th percentile. */
const wavesMs = 20_000
const filter = JSON.stringify({ name: { $regex: 'Con.*9$' } })
const path = `/~attacked/Contact?count=exact&limit=1&strong=true&filter=${encodeURIComponent(filter)}`

export const heavyReads: Scenario = {
  name: 'heavy-reads',
  about: `${reads} parallel reads, each a scan of ${contacts} contacts`,
  prepare: (target) => loadContacts(target, { tenant: 'attacked', count: scaled(target, contacts) }),
  attack: (target) => attack(target),
}

function attack(target: Target): Promise<Readonly<Record<string, string | number>>> {
  return checkParallelReads(target, { path, count: scaled(target, reads), wavesMs })
}
