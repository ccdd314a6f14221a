// `restore`: restores a tenant from its lake, or copies it as it was.

import { Tenants } from '@headlessly/sdk'
import { atFlag } from './at-flag.ts'
import type { Command } from './command.ts'
import { serverOf } from './tenants-command.ts'
import { UsageError } from './usage-error.ts'

/** Stays below 300 s, after which Node's own fetch gives up waiting for the response headers. */
const timeoutMs = 290_000

export const restoreCommand: Command = {
  name: 'restore',
  words: ['<tenant>'],
  about: 'restore a tenant whose database is lost from its lake, or copy it as it was at a time',
  example: 'restore acme --at 2026-11-01T00:00:00Z --into acme-before',
  flags: [
    { name: 'into', kind: 'value', placeholder: '<name>', about: 'make a copy under this name; the tenant stays' },
    { ...atFlag, about: 'leave out what happened after this time; needs --into: 2026-11-01T00:00:00Z' },
  ],
  async run({ words: [tenant = ''], flags, output, settings, signal }) {
    const [into, at] = [flags.text('into'), flags.text('at')]
    if (at !== undefined && into === undefined)
      throw new UsageError('--at needs --into: an earlier time is restored beside the present, which stays', 'restore')
    const tenants = Tenants({ ...serverOf(settings), timeoutMs })
    const options = into === undefined ? {} : { from: tenant, ...(at === undefined ? {} : { at }) }
    const report = await tenants.restore(into ?? tenant, { ...options, signal })
    if (output.isJson) output.json(report)
    else {
      const { seq, timestamp, events, entities } = report
      output.line(
        `restored ${report.tenant}: ${events} events, ${entities} entities, up to event ${seq} at ${timestamp ?? '-'}`,
      )
      for (const each of report.lost) output.note(`not in the lake: ${each}`)
    }
    return 0
  },
}
