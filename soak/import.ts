// Imports a large CSV file, kills the server three times meanwhile, and takes the import back, which is killed twice. No row is
// imported twice or missing, none is left, and the memory of the server stays flat.
//
//   npm run soak:import -- --rows 1000000
//   npm run soak:import -- --rows 1000000 --kills 0 --undo-kills 0

import { createWriteStream, mkdtempSync, openAsBlob, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { type Server, startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { getJson, postJson } from './ask-json.ts'
import { killServer, sleep } from './kill-server.ts'

const tenant = 'imported'
const stuckMsMax = 300_000

interface Job {
  readonly id: string
  readonly state: string
  readonly done: number
  readonly refused: number
}

/** Figures of one job. */
interface Spent {
  readonly seconds: number
  /** Processor time of all server processes: the figure that other work of the machine does not change. */
  readonly cpuSeconds: number
  /** The largest memory of the server, in MB. */
  readonly memory: number
}

export interface ImportSummary {
  readonly rows: number
  readonly uploadSeconds: number
  readonly import: Spent
  readonly undo: Spent
}

async function writeFile(file: string, rows: number): Promise<void> {
  const out = createWriteStream(file, 'latin1')
  out.write('Vorname;Nachname;E-Mail;Lead-Score;Titel\r\n')
  for (let at = 0; at < rows; at++)
    if (!out.write(`J\u00fcrgen;M\u00fcller ${at};kunde${at}@example.de;${at % 100},5;Chef\r\n`))
      await new Promise<void>((drained) => void out.once('drain', () => drained()))
  out.end()
  await finished(out)
}

interface Soaked {
  readonly server: Server
  readonly url: string
  readonly rows: number
  readonly log: (line: string) => void
}

export async function importLarge({
  rows,
  kills = 3,
  undoKills = 2,
  log = () => {},
}: {
  readonly rows: number
  readonly kills?: number
  readonly undoKills?: number
  readonly log?: (line: string) => void
}): Promise<ImportSummary> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-import-'))
  const file = join(folder, 'kunden.csv')
  await writeFile(file, rows)
  const server = await startServer({ dataFolder: join(folder, 'data'), port: 0, log: () => {} })
  const meter = new Meter(server)
  const soaked = { server, url: `${server.url}/~${tenant}`, rows, log }
  try {
    const sentMs = Date.now()
    const id = await start(soaked, file)
    const uploadSeconds = (Date.now() - sentMs) / 1_000
    meter.begin()
    const ended = await endOf(soaked, { id, kills })
    if (ended.done !== rows || ended.refused > 0) throw new Error(JSON.stringify(ended))
    const imported = meter.spent()
    await expectCount(soaked, rows)
    log(`imported: ${JSON.stringify(imported)}; the undo begins`)
    meter.begin()
    const undone = await postJson(`${soaked.url}/commits/undo`, { job: id })
    const left = await endOf(soaked, { id: (undone['job'] as Job).id, kills: undoKills })
    if (left.done !== rows || left.refused > 0) throw new Error(JSON.stringify(left))
    const undo = meter.spent()
    await expectCount(soaked, 0)
    return { rows, uploadSeconds, import: imported, undo }
  } finally {
    meter.end()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Watches the processes of a server, of which a kill begins another one. */
class Meter {
  readonly #server: Server
  readonly #watching: NodeJS.Timeout
  readonly #cpu = new Map<number, number>()
  #memory = 0
  #beganMs = Date.now()
  #beganCpu = 0

  constructor(server: Server) {
    this.#server = server
    this.#watching = setInterval(() => this.#look(), 500)
  }

  begin(): void {
    this.#look()
    this.#beganMs = Date.now()
    this.#beganCpu = this.#cpuSeconds
    this.#memory = 0
  }

  spent(): Spent {
    this.#look()
    return {
      seconds: (Date.now() - this.#beganMs) / 1_000,
      cpuSeconds: Math.round(this.#cpuSeconds - this.#beganCpu),
      memory: Math.round(this.#memory),
    }
  }

  end(): void {
    clearInterval(this.#watching)
  }

  get #cpuSeconds(): number {
    return [...this.#cpu.values()].reduce((sum, seconds) => sum + seconds, 0)
  }

  #look(): void {
    const pid = this.#server.pid() ?? 0
    this.#memory = Math.max(this.#memory, memoryOf(pid))
    this.#cpu.set(pid, Math.max(cpuSecondsOf(pid), this.#cpu.get(pid) ?? 0))
  }
}

async function start({ url }: Soaked, file: string): Promise<string> {
  const answer = await fetch(`${url}/import/Contact?file=kunden.csv&encoding=windows-1252`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: await openAsBlob(file),
  })
  const { job } = (await answer.json()) as { readonly job?: Job }
  if (job === undefined) throw new Error(`the import was refused with ${answer.status}`)
  return job.id
}

async function expectCount({ url }: Soaked, expected: number): Promise<void> {
  const { count } = await getJson(`${url}/Contact/count?strong=true`)
  if (count !== expected) throw new Error(`expected ${expected} contacts, got ${String(count)}`)
}

/** Kills the server so often before the job has ended. */
async function endOf(
  { server, url, rows, log }: Soaked,
  { id, kills: count }: { readonly id: string; readonly kills: number },
): Promise<Job> {
  let [last, sinceMs, killed] = [-1, Date.now(), 0]
  for (;;) {
    await sleep(100)
    const job = (await getJson(`${url}/jobs/${id}`)) as unknown as Job
    if (job.state !== 'running') {
      if (killed < count) throw new Error(`the job ended before it was killed ${count} times: take more rows`)
      return job
    }
    if (job.done !== last) [last, sinceMs] = [job.done, Date.now()]
    if (Date.now() - sinceMs > stuckMsMax) throw new Error(`the job stands at ${job.done}`)
    if (killed === count || job.done <= (rows * (killed + 1)) / (count + 2)) continue
    killed++
    log(`killed after ${job.done} rows`)
    await killServer(server)
  }
}

/** Ticks of the clock are hundredths of a second on Linux. */
function cpuSecondsOf(pid: number | undefined): number {
  try {
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
    const [user, system] = fields.split(' ').slice(11, 13).map(Number)
    return ((user ?? 0) + (system ?? 0)) / 100
  } catch {
    return 0
  }
}

/** Resident memory in MB. */
function memoryOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024
  } catch {
    return 0
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '100000' },
      kills: { type: 'string', default: '3' },
      'undo-kills': { type: 'string', default: '2' },
    },
  })
  await buildIfStale()
  const [kills, undoKills] = [Number(values.kills), Number(values['undo-kills'])]
  console.log(await importLarge({ rows: Number(values.rows), kills, undoKills, log: console.log }))
}
