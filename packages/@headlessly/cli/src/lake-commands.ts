// Commands for an operator of a tenant's lake. A report of an incomplete tenant ends with exit code 1.

import { type Lake } from '@headlessly/sdk'
import type { Command } from './command.ts'

/** Stays below 300 s, after which Node's own fetch gives up waiting for the response headers. */
const timeoutMs = 290_000

export const lakeCommands: readonly Command[] = [
  command('verify', 'check that log, state, Iceberg table and files agree; exit code 1 if they do not'),
  command('flush', 'write all pending changes to files'),
  command('rebuild', 'rebuild state, Iceberg table and files from the log'),
]

function command(name: Exclude<keyof Lake, 'attach'>, about: string): Command {
  return {
    name,
    words: ['[tenant]'],
    about,
    example: `${name} acme`,
    flags: [],
    async run({ words: [tenant], output, client, signal }) {
      const report = await client({ tenant, timeoutMs }).lake[name]({ signal })
      output.record(report)
      return report['isWhole'] === false ? 1 : 0
    },
  }
}
