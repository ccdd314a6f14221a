// Attacks the shipped server, one scenario after the other, each on a server and folder of its own. During each attack
// a client of another tenant measures how long it waits; a minute after it, memory must have come back.
//
//   npm run soak:attack -- heavy-reads silent-sockets --size 0.1 --rest 10

import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { type AttackedServer, startAttackedServer } from './attack/attacked-server.ts'
import { million } from './attack/million.ts'
import { endlessCode } from './attack/endless-code.ts'
import { heavyReads } from './attack/heavy-reads.ts'
import { largePages } from './attack/large-pages.ts'
import type { NeighbourReport } from './attack/neighbour.ts'
import type { Scenario, Target } from './attack/scenario.ts'
import { fullDisk } from './attack/full-disk.ts'
import { manyTenants } from './attack/many-tenants.ts'
import { silentSockets } from './attack/silent-sockets.ts'
import { unknownTenants } from './attack/unknown-tenants.ts'
import { sleep } from './kill-server.ts'

/** In the order in which they run. */
const scenarios: readonly Scenario[] = [
  endlessCode,
  silentSockets,
  unknownTenants,
  manyTenants,
  heavyReads,
  largePages,
  million,
  fullDisk,
]

const neighbourWaitMs = 250
const memoryGrowthMax = 1.5
const quietMs = 5_000
/** Lines of the server that a failure shows. */
const printedLinesMax = 20

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: { type: 'string', default: '1' }, rest: { type: 'string', default: '60' } },
})
const size = Number(values.size)
const restMs = Number(values.rest) * 1_000
const unknown = positionals.filter((name) => scenarios.every((scenario) => scenario.name !== name))
if (unknown.length > 0)
  throw new Error(`no attack is named ${unknown.join(', ')}; there are ${scenarios.map(({ name }) => name).join(', ')}`)
await buildIfStale()
const chosen = scenarios.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const failed: string[] = []
for (const scenario of chosen) {
  console.log(`${scenario.name}: ${scenario.about}`)
  try {
    await run(scenario)
  } catch (error) {
    failed.push(scenario.name)
    console.log(`  FAILED: ${error instanceof Error ? error.message : String(error)}`)
  }
}
if (failed.length > 0) throw new Error(`failed: ${failed.join(', ')}`)

async function run(scenario: Scenario): Promise<void> {
  const folder = await (scenario.makeDataFolder ?? temporaryFolder)()
  let server: AttackedServer | undefined
  try {
    server = await startAttackedServer(folder.path, scenario.serverArguments ?? [], scenario.descriptorsMax)
    const target: Target = { ...server, dataFolder: folder.path, size, log: (line) => console.log(`  ${line}`) }
    await scenario.prepare?.(target)
    const quiet = await whileNeighbourAsks(server.url, () => sleep(quietMs))
    const before = server.residentBytes()
    let figures: Readonly<Record<string, string | number>> = {}
    const attacked = await whileNeighbourAsks(server.url, async () => {
      figures = await scenario.attack(target)
    })
    const during = server.residentBytes()
    await sleep(restMs)
    const after = server.residentBytes()
    print('attack', figures)
    print('neighbour, quiet', show(quiet))
    print('neighbour, attacked', show(attacked))
    print('memory', { before: mb(before), atTheEnd: mb(during), afterARest: mb(after) })
    check(scenario, attacked, after / before)
  } catch (error) {
    const printed = server?.printed().trim().split('\n').slice(-printedLinesMax) ?? []
    for (const line of printed) console.log(`  server: ${line.slice(0, 400)}`)
    throw error
  } finally {
    await server?.stop()
    await folder.remove()
  }
}

function check(scenario: Scenario, neighbour: NeighbourReport, growth: number): void {
  const faults: string[] = []
  if (scenario.delaysNeighbours !== true) {
    if (neighbour.p99Ms > neighbourWaitMs) faults.push(`the neighbour's p99 is above ${neighbourWaitMs} ms`)
    if (neighbour.failures.length > 0)
      faults.push(`${neighbour.failures.length} requests of the neighbour failed, the first: ${neighbour.failures[0]}`)
  }
  if (growth > memoryGrowthMax)
    faults.push(`memory is ${growth.toFixed(2)} times what it was, more than ${memoryGrowthMax}`)
  if (faults.length > 0) throw new Error(faults.join('; '))
}

async function whileNeighbourAsks(url: string, work: () => Promise<void>): Promise<NeighbourReport> {
  const child = fork(join(import.meta.dirname, 'attack/neighbour.ts'), [url])
  const report = new Promise<NeighbourReport>((resolve, reject) => {
    child.once('message', (message) => resolve(message as NeighbourReport))
    child.once('exit', (code) => reject(new Error(`the neighbour ended with ${code}`)))
  })
  report.catch(() => {})
  try {
    await work()
  } finally {
    if (child.connected) child.send('stop')
  }
  return report
}

async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = mkdtempSync(join(tmpdir(), 'headlessly-attack-'))
  return { path, remove: async () => rmSync(path, { recursive: true, force: true }) }
}

function show({ requests, failures, p50Ms, p99Ms, slowestMs }: NeighbourReport): Readonly<Record<string, string>> {
  const ms = (value: number): string => `${value.toFixed(1)} ms`
  return {
    requests: String(requests),
    failed: String(failures.length),
    p50: ms(p50Ms),
    p99: ms(p99Ms),
    slowest: ms(slowestMs),
  }
}

function print(title: string, figures: Readonly<Record<string, string | number>>): void {
  console.log(
    `  ${title}: ${Object.entries(figures)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
  )
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}
