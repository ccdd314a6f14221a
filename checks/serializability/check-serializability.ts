// `npm run check:transactions`: runs contending programs against the server that ships, and lets the project's own checker
// and Porcupine, which needs Go, decide whether their history is strictly serializable. The same programs without atomicity
// must be found out, which shows that the checks can fail. `--clients`, `--programs`, `--rounds` and `--seed` scale it.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { startServer } from '../../apps/headless.ly/src/embedded/launcher.ts'
import { findOnPath } from '../engines.ts'
import { checkHistory } from './check-history.ts'
import type { History } from './history.ts'
import { runPrograms } from './run-programs.ts'

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '16' },
    programs: { type: 'string', default: '25' },
    rounds: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
  },
})
const [clients, programs, rounds, seed] = [values.clients, values.programs, values.rounds, values.seed].map(Number) as [
  number,
  number,
  number,
  number,
]
console.log(`${rounds} rounds of ${clients} clients with ${programs} programs each, seed ${seed}`)
const folder = mkdtempSync(join(tmpdir(), 'headlessly-transactions-'))
const server = await startServer({ dataFolder: join(folder, 'data'), port: 0 })
try {
  const porcupine = await buildPorcupine()
  if (porcupine === undefined) console.log('skipped: Porcupine needs Go')
  for (let round = 0; round < rounds; round++) {
    for (const isAtomic of [true, false]) {
      const tenantUrl = `${server.url}/~${isAtomic ? 'atomic' : 'loose'}${round}`
      const history = await runPrograms({ tenantUrl, clients, programs, seed: seed + round, isAtomic })
      const faults = checkHistory(history)
      const verdict = porcupine === undefined ? undefined : await askPorcupine(porcupine, history)
      report({ isAtomic, history, faults, verdict })
    }
  }
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}

function report(of: {
  readonly isAtomic: boolean
  readonly history: History
  readonly faults: readonly string[]
  readonly verdict: string | undefined
}): void {
  const { isAtomic, history, faults, verdict = 'ok' } = of
  const isRun = (history.failures['done'] ?? 0) >= history.transactions.length / 2
  const isRight = isRun && faults.length === 0 && verdict === 'ok'
  const isExpected = isAtomic ? isRight : faults.length > 0 && (of.verdict === undefined || verdict !== 'ok')
  const conflicts = history.failures['read_conflict'] ?? 0
  console.log(
    `${isExpected ? 'passed' : 'FAILED'}: ${isAtomic ? 'atomic' : 'not atomic'}: ${history.transactions.length} programs ` +
      `(${JSON.stringify(history.failures)}), conflict rate ${((100 * conflicts) / history.transactions.length).toFixed(1)} %, ` +
      `own check: ${faults.length} faults, Porcupine: ${of.verdict ?? 'skipped'}`,
  )
  if (isExpected) return
  for (const fault of faults.slice(0, 5)) console.log(`  ${fault}`)
  process.exitCode = 1
}

/** Returns the checker's program, or undefined without Go. */
async function buildPorcupine(): Promise<string | undefined> {
  const go = findOnPath('go')
  if (go === undefined) return undefined
  const program = join(folder, 'porcupine')
  await promisify(execFile)(go, ['build', '-o', program, '.'], { cwd: join(import.meta.dirname, 'porcupine') })
  return program
}

/** Returns `ok`, `illegal` or `unknown`. */
function askPorcupine(program: string, { transactions }: History): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, { maxBuffer: 1_000_000 }, (error, stdout) =>
      error === null ? resolve(stdout.trim()) : reject(error),
    )
    child.stdin?.end(JSON.stringify(transactions.filter(({ operations }) => operations.length > 0)))
  })
}
