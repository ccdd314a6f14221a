// `tenants`: lists the tenants of the server, and deletes one.

import { type TenantDeletion, Tenants, type TenantSummary } from '@headlessly/sdk'
import type { Command, CommandCall } from './command.ts'
import { UsageError } from './usage-error.ts'

const pageMax = 1_000
const listedMax = 100_000
/** Stays below 300 s, after which Node's own fetch gives up waiting for the response headers. */
const timeoutMs = 290_000

export const tenantsCommand: Command = {
  name: 'tenants',
  words: ['[delete]', '[name]'],
  about: 'list the tenants of the server, or delete one with everything in it, as its operator',
  example: 'tenants delete acme --dry-run',
  flags: [
    { name: 'dry-run', kind: 'switch', about: 'print what a deletion would remove, and remove nothing' },
    {
      name: 'confirm',
      kind: 'value',
      placeholder: '<name>',
      about: 'delete: the name again, since it cannot be undone',
    },
  ],
  async run(call) {
    const { words } = call
    const [action, name] = words
    if (action === undefined) return listTenants(call)
    if (action !== 'delete') throw new UsageError(`tenants expects delete, got '${action}'`, 'tenants')
    if (name === undefined) throw new UsageError('tenants delete expects a name', 'tenants')
    return deleteTenant(call, name)
  },
}

async function listTenants({ flags, output, settings, signal }: CommandCall): Promise<number> {
  if (flags.has('dry-run') || flags.text('confirm') !== undefined)
    throw new UsageError('--dry-run and --confirm are for tenants delete', 'tenants')
  const tenants = Tenants({ ...serverOf(settings), timeoutMs })
  const found: TenantSummary[] = []
  let isComplete = true
  for (let cursor: string | null = ''; cursor !== null && found.length < listedMax;) {
    const page = await tenants.list({ limit: pageMax, signal, ...(cursor === '' ? {} : { cursor }) })
    found.push(...page.results)
    isComplete = page.isComplete
    cursor = page.cursor
  }
  output.rows(
    found.map(({ name, createdAt, state }) => ({ name, created: createdAt, state })),
    ['name', 'created', 'state'],
  )
  if (!isComplete) output.note('the server is still registering tenants of an earlier version; repeat this later')
  return 0
}

async function deleteTenant({ flags, output, settings, signal }: CommandCall, name: string): Promise<number> {
  const tenants = Tenants({ ...serverOf(settings), timeoutMs })
  const isDryRun = flags.has('dry-run')
  if (!isDryRun && flags.text('confirm') !== name) {
    const planned = await tenants.delete(name, { dryRun: true, signal })
    output.note(`this would remove ${amounts(planned)}`)
    throw new UsageError(`a deletion cannot be undone; to delete it, add --confirm ${name}`, 'tenants')
  }
  const report = await tenants.delete(name, { dryRun: isDryRun, signal })
  if (output.isJson) output.json(report)
  else output.line(`${isDryRun ? 'would remove' : (report.state ?? 'deleted')} ${name}: ${amounts(report)}`)
  return 0
}

function amounts({ events, entities, files, bytes }: TenantDeletion): string {
  if (events === undefined) return 'the rest of a deletion that has begun'
  return `${events} events, ${entities ?? 0} entities, ${files ?? 0} files of ${bytes ?? 0} bytes`
}

export function serverOf({ endpoint, apiKey }: CommandCall['settings']): { endpoint?: string; apiKey?: string } {
  return { ...(endpoint === undefined ? {} : { endpoint }), ...(apiKey === undefined ? {} : { apiKey }) }
}
