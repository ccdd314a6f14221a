// The whole year of `examples/a-year-of-business` on a server of its own.
//
//   npm run soak:year -- --customers 250 --days 365 --seed 1

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Client, Headlessly } from '@headlessly/sdk'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { wholeYear } from '../examples/a-year-of-business/imagine-year.ts'
import { printMonths } from '../examples/a-year-of-business/print-months.ts'
import { differencesIn, questions } from '../examples/a-year-of-business/questions.ts'
import { runYear, sizeOf, type YearReport } from '../examples/a-year-of-business/run-year.ts'

const { values } = parseArgs({
  options: {
    customers: { type: 'string', default: String(wholeYear.customers) },
    days: { type: 'string', default: String(wholeYear.days) },
    seed: { type: 'string', default: '1' },
  },
})

await buildIfStale()
const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-year-'))
const server = await startServer({ dataFolder, port: 0, warn: console.error })
try {
  const startedMs = performance.now()
  const size = sizeOf({ customers: Number(values.customers), days: Number(values.days) })
  const client = Headlessly({ endpoint: server.url, tenant: 'year' })
  const report = await runYear(client, { size, seed: Number(values.seed), log: console.log })
  printMonths(report)
  console.log(`took ${Math.round((performance.now() - startedMs) / 1_000)} s`)
  const wrong = await wrongAnswers(client, report)
  for (const line of wrong) console.log(line)
  console.log(`founder's questions that agree: ${questions.length - wrong.length} of ${questions.length}`)
  process.exitCode = report.live.length + report.asOf.length + wrong.length === 0 ? 0 : 1
} finally {
  await server.stop()
  rmSync(dataFolder, { recursive: true, force: true })
}

async function wrongAnswers(client: Client, report: YearReport): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const question of questions) {
    const differences = await differencesIn(client, { question, report })
    if (differences.length > 0) wrong.push(`${question.name}: ${differences.join('; ')}`)
  }
  return wrong
}
