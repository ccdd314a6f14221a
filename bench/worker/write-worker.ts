// The Worker that ships, with more calls: creates and updates in a tenant's object without HTTP, and bare inserts of the
// rows that a tenant has into tables with the same columns and indexes.

import type { Call, CallOf } from 'digital-objects'
import type { Env } from '../../apps/headless.ly/src/base/env.ts'
import worker, { RegistryObject, TenantObject as Shipped } from '../../apps/headless.ly/src/worker.ts'

export { RegistryObject }

const callsPerMessage = 100
const rowsPerCommit = 500

/** The tables that a create inserts into, with their indexes. The words for full text are indexed later. */
const copiedTables = ['log', 'Contact', 'idempotency_keys']
const orders: Readonly<Record<string, string>> = { log: 'seq', Contact: '"$seq"', idempotency_keys: 'seq' }

interface Insert {
  readonly statement: string
  readonly values: readonly SqlStorageValue[]
}

interface Copy {
  readonly definitions: readonly string[]
  /** The inserts of each event. */
  readonly events: readonly (readonly Insert[])[]
}

interface Range {
  readonly tenant: string
  readonly context: string
  readonly from: number
  readonly to: number
}

export class TenantObject extends Shipped {
  #copy: Copy | undefined

  /** Answers messages of writes, as the Worker passes them on. */
  async write({ tenant, context, from, to }: Range, verb: 'create' | 'update'): Promise<void> {
    const ids = verb === 'update' ? this.#unchangedIds() : []
    const caller = { tenant, context, authority: 'bench', via: 'sdk' } as const
    for (let start = from; start < to; start += callsPerMessage) {
      const calls = Array.from({ length: callsPerMessage }, (_, at): Call => {
        const number = start + at
        return verb === 'create' ? createCall(number) : updateCall(number, ids[number - from] ?? '')
      })
      const text = await this.answer({ caller, calls })
      if (text.includes('"ok":false')) throw new Error(`a write was refused: ${text.slice(0, 300)}`)
    }
  }

  #unchangedIds(): readonly string[] {
    const query = 'SELECT "$id" AS id FROM "Contact" WHERE "$version" = 1 ORDER BY "$seq"'
    return [...this.store.sql.exec<{ id: string }>(query)].map(({ id }) => id)
  }

  /** Returns the rows of this tenant's contacts and the statements that create their tables. */
  rows(): Copy {
    const { sql } = this.store
    const names = copiedTables.map(() => '?').join(', ')
    const query = `SELECT sql FROM sqlite_master WHERE tbl_name IN (${names}) AND sql IS NOT NULL ORDER BY rootpage`
    const definitions = [...sql.exec<{ sql: string }>(query, ...copiedTables)].map((row) => row.sql)
    const tables = copiedTables.map((table) => {
      const cursor = sql.exec(`SELECT * FROM "${table}" ORDER BY ${orders[table]}`)
      return [...cursor.raw()].map((row) => toInsert(table, { names: cursor.columnNames, row }))
    })
    const [log = [], entities = []] = tables
    // The last creates: each has a row in the log and its entity. Several creates may share a key.
    const count = Math.min(log.length, entities.length)
    if (count === 0) throw new Error('the tenant has no entity to insert again')
    const events = Array.from({ length: count }, (_, at) =>
      tables.flatMap((rows) => rows[rows.length - count + at] ?? []),
    )
    return { definitions, events }
  }

  /** Creates the tables and keeps the rows for `insertCopy`, in an object without a tenant. */
  prepareCopy(copy: Copy): number {
    for (const definition of copy.definitions) this.ctx.storage.sql.exec(definition)
    this.#copy = copy
    return copy.events.length
  }

  async insertCopy(): Promise<void> {
    const { events } = this.#copy ?? { events: [] }
    const { storage } = this.ctx
    for (let start = 0; start < events.length; start += rowsPerCommit) {
      storage.transactionSync(() => {
        for (const inserts of events.slice(start, start + rowsPerCommit))
          for (const { statement, values } of inserts) storage.sql.exec(statement, ...values)
      })
      await storage.sync()
    }
  }
}

function toInsert(
  table: string,
  { names, row }: { names: readonly string[]; row: readonly SqlStorageValue[] },
): Insert {
  const used = names.filter((_, at) => row[at] !== null)
  const columns = used.map((name) => `"${name}"`).join(', ')
  const statement = `INSERT INTO "${table}" (${columns}) VALUES (${used.map(() => '?').join(', ')})`
  return { statement, values: row.filter((value) => value !== null) }
}

function createCall(number: number): CallOf<'write'> {
  const body = {
    name: `Ada Lovelace ${number}`,
    email: `ada${number}@example.com`,
    title: 'Countess',
    phone: '+44 20 7946 0000',
    leadScore: number % 100,
  }
  return { kind: 'write', noun: 'Contact', verb: 'create', body: JSON.stringify(body) }
}

function updateCall(number: number, id: string): CallOf<'write'> {
  return { kind: 'write', noun: 'Contact', verb: 'update', id, body: JSON.stringify({ leadScore: 1_000 + number }) }
}

interface BenchEnv extends Omit<Env, 'TENANTS'> {
  readonly TENANTS: DurableObjectNamespace<TenantObject>
}

export default {
  async fetch(request: Request, env: BenchEnv & Env, ctx: ExecutionContext): Promise<Response> {
    const { pathname, searchParams, origin } = new URL(request.url)
    const tenant = searchParams.get('tenant') ?? ''
    const stub = env.TENANTS.getByName(tenant)
    const range = {
      tenant,
      context: `${origin}/~${tenant}`,
      from: Number(searchParams.get('from')),
      to: Number(searchParams.get('to')),
    }
    switch (pathname) {
      case '/bench/create':
      case '/bench/update':
        await stub.write(range, pathname === '/bench/create' ? 'create' : 'update')
        return Response.json({})
      case '/bench/copy':
        return Response.json(await env.TENANTS.getByName(`${tenant}-bare`).prepareCopy(await stub.rows()))
      case '/bench/insert':
        await env.TENANTS.getByName(`${tenant}-bare`).insertCopy()
        return Response.json({})
      default:
        return worker.fetch(request, env, ctx)
    }
  },
}
