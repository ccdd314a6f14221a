// Kills the server with SIGKILL at any moment of an erasure. Afterwards the erasure ends, no file of the data folder has a value
// of the person, and log, state and files agree.
//
//   npm run soak:kill-erasure -- --rounds 50

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { textsIn } from '../packages/@dotdo/do/test/texts-in-bytes.ts'
import { getJson, postJson } from './ask-json.ts'
import { killServer, sleep } from './kill-server.ts'

export interface KillErasureOptions {
  readonly rounds: number
  readonly seed: number
  readonly log?: (line: string) => void
}

const tenant = 'erased'
const messages = 30
const attemptsMax = 300

/** Returns the number of kills that met an erasure under way. */
export async function killUnderErasures({ rounds, seed, log = () => {} }: KillErasureOptions): Promise<number> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-kill-erasure-'))
  const flush = JSON.stringify({ intervalMs: 100, keptEvents: 20, sealedEvents: 10 })
  const server = await startServer({ dataFolder, port: 0, log: () => {}, flush })
  const url = `${server.url}/~${tenant}`
  let met = 0
  try {
    const random = seededRandom(seed)
    let erasureMs = 1_000
    for (let round = 1; round <= rounds; round++) {
      const word = `qzv${seed.toString(36)}r${round}x`
      const id = await populate(url, word)
      const { id: erasure } = await postJson(`${url}/erasures`, { ids: [id] })
      const startedMs = Date.now()
      for (let kill = 0; kill < 2; kill++) {
        await sleep(random() * erasureMs)
        const { state } = await getJson(`${url}/erasures/${String(erasure)}`)
        if (state === 'running') met++
        await killServer(server)
      }
      await untilDone(url, String(erasure))
      erasureMs = Math.min(3_000, (Date.now() - startedMs) / 3)
      const left = filesWith(join(dataFolder, 'lake'), word)
      if (left.length > 0) throw new Error(`round ${round}: ${word} is in ${left.join(', ')}`)
      const answer = JSON.stringify(await getJson(`${url}/events?limit=1000`))
      if (answer.includes(word)) throw new Error(`round ${round}: an event has ${word}`)
      const report = await postJson(`${url}/lake/verify`, {})
      if (report['isWhole'] !== true) throw new Error(`round ${round}: ${JSON.stringify(report['faults'])}`)
      log(`round ${round}: erased after two kills`)
    }
    return met
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

async function populate(url: string, word: string): Promise<unknown> {
  const { $id: recipient } = await postJson(`${url}/Contact`, { name: word, email: `${word}@example.org` })
  for (let n = 0; n < messages; n++) await postJson(`${url}/Message`, { body: `${word} ${n}`, recipient })
  await postJson(`${url}/lake/flush`, {})
  await postJson(`${url}/Comment`, { body: `${word} again`, about: recipient })
  return recipient
}

async function untilDone(url: string, id: string): Promise<void> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const { state } = await getJson(`${url}/erasures/${id}`)
    if (state === 'done') return
    await sleep(100)
  }
  throw new Error(`the erasure '${id}' did not end`)
}

function filesWith(folder: string, word: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => textsIn(readFileSync(file)).some((text) => text.includes(word)))
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' } } })
  const rounds = Number(values.rounds ?? 20)
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
  await buildIfStale()
  console.log(`seed ${seed}`)
  const met = await killUnderErasures({ rounds, seed, log: (line) => console.log(line) })
  console.log(`${rounds} erasures, ${2 * rounds} kills, ${met} of them in the middle: each ended, and left nothing`)
}
