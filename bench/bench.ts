// `npm run bench`: every figure that is claimed, measured in one run on this machine, as ratios to a bare baseline of
// the same run. `--only writes,reads,live,launch` runs a part, `--write` keeps the table in docs/benchmarks.md.

import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from '../apps/headless.ly/build.js'
import { benchLaunch } from './launch.ts'
import { benchLive } from './live.ts'
import { benchReads } from './reads.ts'
import { type Finding, formatReport } from './report.ts'
import { withServers } from './servers.ts'
import { benchWrites } from './writes.ts'

const { values } = parseArgs({
  options: { only: { type: 'string', default: 'writes,reads,live,launch' }, write: { type: 'boolean' } },
})
const parts = values.only.split(',')
const note = (line: string): void => console.error(line)

await build()
const findings = await withServers(async (servers) => {
  const found: Finding[] = []
  for (const [name, run] of [
    ['writes', () => benchWrites(servers)],
    ['reads', () => benchReads(servers.ours, note)],
    ['live', () => benchLive(servers)],
  ] as const) {
    if (!parts.includes(name)) continue
    note(name)
    found.push(...(await run()))
  }
  return found
})
if (parts.includes('launch')) findings.push(await benchLaunch())

const report = formatReport(findings, new Date())
console.log(report)
if (values.write === true) {
  const file = resolve(import.meta.dirname, '../docs/benchmarks.md')
  const head = readFileSync(file, 'utf8').split('<!-- measured -->')[0] ?? ''
  writeFileSync(file, `${head}<!-- measured -->\n\n${report}\n`)
}
process.exitCode = findings.some((finding) => finding.isMet === false) ? 1 : 0
