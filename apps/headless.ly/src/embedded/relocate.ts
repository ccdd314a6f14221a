// The program of `headlessly lake relocate <folder> [--to <uri>]`: prints the tables and their places.

import { parseArgs } from 'node:util'
import { relocateLake } from './relocate-lake.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { to: { type: 'string' } } })
try {
  const tables = await relocateLake(positionals[0] ?? '', { root: values.to?.replace(/\/+$/, '') })
  for (const { location, isChanged, skipped } of tables) {
    const note = skipped > 0 ? ` (without the newest ${skipped} commits, of which the copy lacks files)` : ''
    process.stdout.write(`${location}${isChanged ? note : ' (was there)'}\n`)
  }
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
