// Many writes at once: CPU of the server for each entity that `createMany` and `import` write, its flush included, against
// bare inserts of the same rows into the same tables and indexes in the same runtime; and an update against a create,
// inside the tenant's object.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Headlessly } from '@headlessly/sdk'
import { run } from '../packages/@headlessly/cli/src/run.ts'
import { type Server, startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { bundleWorker } from './bundle-worker.ts'
import { cpuMicrosOf, meanOfLowest } from './load.ts'
import { atMost, type Finding } from './report.ts'

const entities = 10_000
const rounds = 5
/** Entities that are created before they are updated. */
const latelyWritten = 2_500

export async function benchBulk(): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-bulk-'))
  const workerFile = await bundleWorker(folder, 'write-worker.ts')
  // Flushed only when asked, so that a flush belongs to its round.
  const flush = '{"intervalMs":3600000}'
  const server = await startServer({ dataFolder: join(folder, 'data'), port: 0, workerFile, flush })
  try {
    const bulk = new Bulk(server, folder)
    await bulk.round()
    return [...(await bulk.many()), ...(await bulk.updates())]
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

class Bulk {
  readonly #server: Server
  readonly #folder: string
  #tenants = 0

  constructor(server: Server, folder: string) {
    this.#server = server
    this.#folder = folder
  }

  async many(): Promise<Finding[]> {
    const results = { many: [] as number[], bare: [] as number[], imported: [] as number[] }
    for (let at = 0; at < rounds; at++) {
      const { many, bare, imported } = await this.round()
      results.many.push(many)
      results.bare.push(bare)
      results.imported.push(imported)
    }
    const bare = meanOfLowest(results.bare)
    return (['many', 'imported'] as const).map((name) => {
      const ours = meanOfLowest(results[name])
      const method = name === 'many' ? 'createMany' : 'import'
      const what = `${method} of ${entities}: CPU an entity with its flush, against bare inserts of the same rows and indexes`
      return atMost(what, 1.9, ours / bare, `${ours.toFixed(0)} µs, bare ${bare.toFixed(0)} µs`)
    })
  }

  async round(): Promise<{ readonly many: number; readonly bare: number; readonly imported: number }> {
    const tenant = this.#nextTenant()
    const many = await this.#cpu(() => this.#createMany(tenant))
    await this.#post(`/bench/copy?tenant=${tenant}`)
    const bare = await this.#cpu(() => this.#post(`/bench/insert?tenant=${tenant}`))
    const imported = await this.#cpu(() => this.#import(this.#nextTenant()))
    return { many, bare, imported }
  }

  /** Updates of entities that were written lately, as most are, and of entities that are read from the database first. */
  async updates(): Promise<Finding[]> {
    const results = { create: [] as number[], lately: [] as number[], others: [] as number[] }
    for (let at = 0; at <= rounds; at++) {
      const [one, other] = [this.#nextTenant(), this.#nextTenant()]
      let [create, lately] = [0, 0]
      for (let from = 0; from < entities; from += latelyWritten) {
        create += await this.#write('create', { tenant: one, from, count: latelyWritten })
        lately += await this.#write('update', { tenant: one, from, count: latelyWritten })
      }
      await this.#write('create', { tenant: other, from: 0, count: entities })
      const others = await this.#write('update', { tenant: other, from: 0, count: entities })
      if (at === 0) continue
      results.create.push(create)
      results.lately.push(lately)
      results.others.push(others)
    }
    const [create, lately, others] = [
      meanOfLowest(results.create),
      meanOfLowest(results.lately),
      meanOfLowest(results.others),
    ]
    const what = 'update in the object, 100 a message, against create'
    const detail = (update: number): string => `${update.toFixed(0)} µs, create ${create.toFixed(0)} µs`
    return [
      atMost(`${what}: entities written lately`, 1.1, lately / create, detail(lately)),
      {
        what: `for comparison: entities that were not`,
        target: '',
        measured: `${(others / create).toFixed(2)}x (${detail(others)})`,
      },
    ]
  }

  #write(verb: 'create' | 'update', of: { tenant: string; from: number; count: number }): Promise<number> {
    const { tenant, from, count } = of
    return this.#cpu(() => this.#post(`/bench/${verb}?tenant=${tenant}&from=${from}&to=${from + count}`))
  }

  #nextTenant(): string {
    return `bulk-${this.#tenants++}`
  }

  async #createMany(tenant: string): Promise<void> {
    const $ = Headlessly({ tenant, endpoint: this.#server.url })
    await $.Contact.createMany(Array.from({ length: entities }, (_, at) => rowOf(at)))
    await $.lake.flush()
  }

  async #import(tenant: string): Promise<void> {
    const file = join(this.#folder, 'contacts.csv')
    const rows = Array.from({ length: entities }, (_, at) => Object.values(rowOf(at)).join())
    writeFileSync(file, [Object.keys(rowOf(0)).join(), ...rows].join('\n'))
    const silent = { isTTY: false, columns: 80, write: () => {} }
    const env = { HEADLESSLY_TENANT: tenant, HEADLESSLY_ENDPOINT: this.#server.url, HOME: this.#folder }
    const code = await run(['import', 'Contact', file], { stdout: silent, stderr: silent, env })
    if (code !== 0) throw new Error(`import ended with ${code}`)
    await Headlessly({ tenant, endpoint: this.#server.url }).lake.flush()
  }

  /** Returns the server's CPU time for each entity, in microseconds. */
  async #cpu(work: () => Promise<void>): Promise<number> {
    const before = cpuMicrosOf(this.#server.pid())
    await work()
    return (cpuMicrosOf(this.#server.pid()) - before) / entities
  }

  async #post(path: string): Promise<void> {
    const answer = await fetch(this.#server.url + path, { method: 'POST' })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`)
    await answer.text()
  }
}

function rowOf(at: number) {
  return {
    name: `Ada Lovelace ${at}`,
    email: `ada${at}@example.com`,
    title: 'Countess',
    phone: '+44 20 7946 0000',
    leadScore: at % 100,
  }
}
