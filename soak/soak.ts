// `npm run soak`: all endurance tests in sequence.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { changeUnderWriters } from './definitions.ts'
import { canTrace, traceWrites } from './fsync-trace.ts'
import { fuzz } from './fuzz.ts'
import { checkHistory } from './history.ts'
import { killUnderWriters } from './kill.ts'
import { killUnderDeletions } from './kill-deletion.ts'
import { killUnderHistory } from './kill-history.ts'
import { killUnderUndo } from './kill-undo.ts'

const { values } = parseArgs({ options: { seed: { type: 'string' } } })
const seed = Number(values.seed ?? Date.now() % 1_000_000)
console.log(`seed ${seed}`)
await buildIfStale()
console.log(`killed: ${JSON.stringify(await killUnderWriters({ kills: 50, writers: 32, seed, log: console.log }))}`)
console.log(`deleted: ${JSON.stringify(await killUnderDeletions({ rounds: 30, seed }))}`)
console.log(`undone: ${JSON.stringify(await killUnderUndo({ rounds: 30, seed }))}`)
console.log(`loaded: ${JSON.stringify(await killUnderHistory({ lines: 50_000, kills: 20, seed }))}`)
console.log(`redefined: ${JSON.stringify(await changeUnderWriters({ kills: 20, writers: 16, seed }))}`)
console.log(canTrace() ? `traced: ${JSON.stringify(await traceWrites(200))}` : 'not traced: strace is not installed')

const folder = mkdtempSync(join(tmpdir(), 'headlessly-soak-'))
const server = await startServer({ dataFolder: folder, port: 0 })
try {
  console.log(
    `history: one order explains all ${await checkHistory({ baseUrl: server.url, clients: 16, seconds: 20, seed })} operations`,
  )
  console.log(`fuzzed: ${JSON.stringify(await fuzz({ baseUrl: server.url, requests: 10_000, seed }))}`)
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
