// What an operator asks of a tenant's lake. A report that finds a tenant not whole ends with 1.

import { type Lake } from '@headlessly/sdk'
import type { Command } from './command.ts'

/** Node's own fetch waits 300 s for the head of an answer. */
const timeoutMs = 290_000

export const lakeCommands: readonly Command[] = [
  command('verify', 'log, state, Iceberg table and files say the same; ends with 1 where they do not'),
  command('flush', 'everything that was written is in files'),
  command('rebuild', 'state, Iceberg table and files are made again from the log'),
]

function command(name: keyof Lake, about: string): Command {
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
