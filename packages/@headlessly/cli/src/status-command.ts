// `status`: shows the tenant and server of the commands, and what the server reports about the tenant.

import type { JobStatus, Status } from '@headlessly/sdk'
import type { Row } from './row.ts'
import type { Command } from './command.ts'
import { defaultEndpoint } from './settings.ts'

export const statusCommand: Command = {
  name: 'status',
  words: ['[tenant]'],
  about: 'show the tenant, its server, its size and how current its files are',
  example: 'status',
  flags: [],
  async run({ words: [tenant], settings, output, client, signal }) {
    const status = await client({ tenant }).status({ signal })
    const { endpoint = defaultEndpoint, apiKey } = settings
    const key = apiKey === undefined ? null : maskKey(apiKey)
    if (output.isJson) output.json({ endpoint, apiKey: key, ...status })
    else output.record({ endpoint, tenant: status.tenant, 'api key': key ?? 'none', ...toRow(status) })
    return 0
  },
}

/** Shortens a key so that it can be recognised but not used. */
export function maskKey(key: string): string {
  const [shown, hiddenMin] = [4, 8]
  return key.length < 2 * shown + hiddenMin ? '…' : `${key.slice(0, shown)}…${key.slice(-shown)}`
}

function toRow({ events, oldest, newest, files, outbox, jobs, entities }: Status): Row {
  return {
    events,
    oldest: oldest ?? 'none',
    newest: newest ?? 'none',
    files: files === null ? 'none' : `revision ${files.revision}, ${files.lagEvents} events behind`,
    outbox: `${outbox.waiting} waiting, ${outbox.parked} parked`,
    ...Object.fromEntries(jobs.flatMap(jobToCells)),
    // Names of entity types begin with a capital letter.
    ...entities,
  }
}

/** Idle jobs are left out, unless they have given up on something. */
function jobToCells({ name, state, next, failure, parked }: JobStatus): [string, string][] {
  const parts = [
    ...(failure === null ? [] : [`${failure.message} (attempt ${failure.attempts}, next try ${failure.nextTry})`]),
    ...(state === 'waiting' && next !== null ? [`until ${next}`] : []),
    ...(parked === 0 ? [] : [`${parked} parked`]),
  ]
  if (state === 'idle' && parts.length === 0) return []
  return [[`job ${name}`, [state, ...parts].join(', ')]]
}
