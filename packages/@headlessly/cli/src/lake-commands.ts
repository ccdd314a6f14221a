// Commands for an operator of a tenant's lake. A report of an incomplete tenant ends with exit code 1.

import { type Lake } from '@headlessly/sdk'
import type { Command } from './command.ts'
import { runServer } from './serve-command.ts'
import { findServerProgram } from './server-program.ts'
import { UsageError } from './usage-error.ts'

/** Stays below 300 s, after which Node's own fetch gives up waiting for the response headers. */
const timeoutMs = 290_000

export const lakeCommands: readonly Command[] = [
  command('verify', 'check that log, state, Iceberg table and files agree; exit code 1 if they do not'),
  command('flush', 'write all pending changes to files'),
  command('rebuild', 'rebuild state, Iceberg table and files from the log'),
  {
    name: 'lake',
    words: ['<relocate>', '<folder>'],
    about:
      'rewrite the paths in a copy of the lake, so that every engine reads its tables where they are: lake relocate',
    example: 'lake relocate /backup/lake',
    flags: [
      {
        name: 'to',
        kind: 'value',
        placeholder: '<uri>',
        about: 'where readers find the folder, such as s3://bucket/lake; by default its own path',
        parse: (text) => text,
      },
    ],
    async run({ words: [action = '', folder = ''], flags, output, env, signal }) {
      if (action !== 'relocate') throw new UsageError(`lake expects relocate, got '${action}'`, 'lake')
      const program = findServerProgram('relocate.js')
      if (program === undefined) {
        const message = 'no server is installed, whose program does this: install the package headless.ly'
        output.problem({ code: 'no_server', message })
        return 1
      }
      const to = flags.text('to')
      return runServer([program, folder, ...(to === undefined ? [] : [`--to=${to}`])], {
        env,
        signal,
        write: (text) => output.line(text.trimEnd()),
      })
    },
  },
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
