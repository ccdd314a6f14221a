#!/usr/bin/env node
// Asks a running server to flush, verify or rebuild a tenant, and prints its report. Plain JavaScript, so that Node 20
// runs it as it is.

import { parseArgs } from 'node:util'

const usage = `npm run lake -- <command> <tenant> [--url http://localhost:8787]

  flush      everything that was written is in files
  verify     log, state, Iceberg table and files say the same; ends with 1 where they do not
  rebuild    state, Iceberg table and files are made again from the log`

const { values, positionals } = parseArgs({ allowPositionals: true, options: { url: { type: 'string' } } })
const [command, tenant] = positionals
if (!['flush', 'verify', 'rebuild'].includes(command) || tenant === undefined || positionals.length > 2) {
  console.error(usage)
  process.exit(2)
}
const base = values.url ?? `http://localhost:${process.env['PORT'] ?? 8787}`
try {
  const answer = await fetch(`${base}/~${encodeURIComponent(tenant)}/lake/${command}`, { method: 'POST' })
  const report = await answer.json()
  if (!answer.ok) throw new Error(report.detail ?? `the server answered ${answer.status}`)
  console.log(JSON.stringify(report, undefined, 2))
  if (report.isWhole === false) process.exitCode = 1
} catch (error) {
  const isUnreachable = error instanceof TypeError
  console.error(isUnreachable ? `no server answers at ${base}: start one with npm start` : error.message)
  process.exitCode = 1
}
