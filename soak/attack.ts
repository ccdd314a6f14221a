// Attacks the shipped server, one scenario after the other, each on a server and folder of its own. During each attack
// a client of another tenant measures how long it waits; a minute after it, memory must have come back. Prints a line for each
// promise.
//
//   npm run soak:attack -- all
//   npm run soak:attack -- heavy-reads silent-sockets --size 0.1 --rest 10

import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { type AttackedServer, startAttackedServer } from './attack/attacked-server.ts'
import { million } from './attack/million.ts'
import { borders } from './attack/borders.ts'
import { bypassedRules } from './attack/bypasses.ts'
import { endlessCode } from './attack/endless-code.ts'
import { hostileFiles } from './attack/hostile-files.ts'
import { heavyReads } from './attack/heavy-reads.ts'
import { largePages } from './attack/large-pages.ts'
import type { NeighbourReport } from './attack/neighbour.ts'
import type { Scenario, Target } from './attack/scenario.ts'
import { fullDisk } from './attack/full-disk.ts'
import { manyTenants } from './attack/many-tenants.ts'
import { racingMerges } from './attack/racing-merges.ts'
import { storedFunctions } from './attack/stored-functions.ts'
import { silentSockets } from './attack/silent-sockets.ts'
import { signIns } from './attack/sign-ins.ts'
import { unknownTenants } from './attack/unknown-tenants.ts'
import { sleep } from './kill-server.ts'

/** In the order in which they run. */
const scenarios: readonly Scenario[] = [
  borders,
  bypassedRules,
  racingMerges,
  hostileFiles,
  endlessCode,
  storedFunctions,
  silentSockets,
  unknownTenants,
  signIns,
  manyTenants,
  heavyReads,
  largePages,
  million,
  fullDisk,
]

const neighbourWaitMs = 250
const memoryGrowthMax = 1.5
const quietMs = 5_000
/** Before an attack, a busy client works until memory stays within this share for a while: a new heap grows at any use. */
const steadyShare = 0.03
const steadyMs = 6_000
const warmUpMsMax = 60_000
/** Lines of the server that a failure shows. */
const printedLinesMax = 20

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: { type: 'string', default: '1' }, rest: { type: 'string', default: '60' } },
})
const size = Number(values.size)
const restMs = Number(values.rest) * 1_000
const isAll = positionals.length === 0 || positionals.includes('all')
const unknown = positionals.filter((name) => name !== 'all' && scenarios.every((scenario) => scenario.name !== name))
if (unknown.length > 0)
  throw new Error(`no attack is named ${unknown.join(', ')}; there are ${scenarios.map(({ name }) => name).join(', ')}`)
await buildIfStale()
const chosen = scenarios.filter(({ name }) => isAll || positionals.includes(name))
const failed: string[] = []
const startMs = Date.now()
for (const scenario of chosen) {
  console.log(`${scenario.name}: ${scenario.about}`)
  try {
    await run(scenario)
  } catch (error) {
    failed.push(scenario.name)
    console.log(`  FAILED ${scenario.name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
console.log(`${chosen.length - failed.length} of ${chosen.length} attacks passed in ${seconds(startMs)} s`)
if (failed.length > 0) throw new Error(`failed: ${failed.join(', ')}`)

async function run(scenario: Scenario): Promise<void> {
  const folder = await (scenario.makeDataFolder ?? temporaryFolder)()
  let server: AttackedServer | undefined
  try {
    server = await startAttackedServer(folder.path, scenario.serverArguments ?? [], scenario.descriptorsMax)
    const target: Target = { ...server, dataFolder: folder.path, size, log: (line) => console.log(`  ${line}`) }
    await scenario.prepare?.(target)
    const fresh = server.residentBytes()
    await warmUp(server)
    const quiet = await whileNeighbourAsks(server.url, () => sleep(quietMs))
    const before = server.residentBytes()
    const attackedAtMs = Date.now()
    let figures: Readonly<Record<string, string | number>> = {}
    const attacked = await whileNeighbourAsks(server.url, async () => {
      figures = await scenario.attack(target)
    })
    const attackSeconds = seconds(attackedAtMs)
    const during = server.residentBytes()
    await sleep(restMs)
    const after = server.residentBytes()
    print('attack', { ...figures, seconds: attackSeconds })
    print('neighbour, quiet', show(quiet))
    print('neighbour, attacked', show(attacked))
    print('memory', { fresh: mb(fresh), before: mb(before), atTheEnd: mb(during), afterARest: mb(after) })
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

/** Prints a line for each promise. Throws if one was broken. */
function check(scenario: Scenario, neighbour: NeighbourReport, growth: number): void {
  const { failures, p99Ms, requests } = neighbour
  const broken: string[] = []
  const promise = (sentence: string, isKept: boolean): void => {
    console.log(`  ${isKept ? 'PASSED' : 'FAILED'} ${scenario.name}: ${sentence}`)
    if (!isKept) broken.push(sentence)
  }
  promise(scenario.about, true)
  if (scenario.delaysNeighbours !== true) {
    const wait = `p99 ${p99Ms.toFixed(0)} ms of ${requests} requests of the neighbour, at most ${neighbourWaitMs}`
    promise(wait, p99Ms <= neighbourWaitMs)
    const first = failures.length === 0 ? '' : `, the first: ${failures[0]}`
    promise(`${failures.length} requests of the neighbour failed${first}`, failures.length === 0)
  }
  const factor = `memory ${growth.toFixed(2)} times as before, ${Math.round(restMs / 1_000)} s later, at most ${memoryGrowthMax}`
  promise(factor, growth <= memoryGrowthMax)
  if (broken.length > 0) throw new Error(broken.join('; '))
}

/** Lets a busy client work until the server's memory no longer grows. */
async function warmUp(server: AttackedServer): Promise<void> {
  await whileNeighbourAsks(
    server.url,
    async () => {
      const endMs = Date.now() + warmUpMsMax
      for (let before = 0, now = 1; Date.now() < endMs && now > before * (1 + steadyShare);) {
        before = server.residentBytes()
        await sleep(steadyMs)
        now = server.residentBytes()
      }
    },
    'busy',
  )
}

async function whileNeighbourAsks(
  url: string,
  work: () => Promise<void>,
  pace: 'calm' | 'busy' = 'calm',
): Promise<NeighbourReport> {
  const child = fork(join(import.meta.dirname, 'attack/neighbour.ts'), [url, pace])
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

function seconds(sinceMs: number): number {
  return Math.round((Date.now() - sinceMs) / 1_000)
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}
