// The Worker that ships, with two more calls: one fills a tenant faster than HTTP could, one writes the same rows with
// hyparquet-writer alone in the same runtime.

import { parquetWriteBuffer } from 'hyparquet-writer'
import { type EntityFields, type NounSchema, nouns } from 'digital-objects'
import { type EntityRow, nounToColumns, numberFields } from '@dotdo/db'
import type { Env } from '../../apps/headless.ly/src/base/env.ts'
import worker, { RegistryObject, TenantObject as Shipped } from '../../apps/headless.ly/src/worker.ts'
import { ContactRows } from '../lake-rows.ts'
import { rowsToColumnData } from '../plain-columns.ts'

export { RegistryObject }

const contact = nouns.Contact.$schema
const columns = nounToColumns(contact, numberFields(contact, []))
const groupRows = 500
const organizations = 1_000
const users = 50

export class TenantObject extends Shipped {
  /** Organizations and users that contacts refer to, for the life of the object. */
  #ends: readonly [readonly string[], readonly string[]] | undefined

  /** Creates contacts `from` to `to`. The first call creates the organizations and users that they refer to. */
  async makeContacts(options: { tenant: string; context: string; from: number; to: number }): Promise<number> {
    const { tenant, context, from, to } = options
    const place = { name: tenant, context }
    const make = async (schema: NounSchema, fields: EntityFields): Promise<string> => {
      const verb = schema.verbs['create']
      if (verb === undefined) throw new Error(`${schema.name} has no verb create`)
      const change = { schema, verb, kind: 'create', actor: 'bench', via: 'system', decide: () => fields } as const
      return (await this.store.write(change, place)).row.target
    }
    const some = (count: number, schema: NounSchema): Promise<string[]> =>
      Promise.all(Array.from({ length: count }, (_, at) => make(schema, { name: `${schema.name} ${from}-${at}` })))
    this.#ends ??= [await some(organizations, nouns.Organization.$schema), await some(users, nouns.User.$schema)]
    const [organizationIds, userIds] = this.#ends
    const rows = new ContactRows(to)
    for (let start = from; start < to; start += groupRows) {
      const group = Array.from({ length: Math.min(groupRows, to - start) }, (_, index) => {
        const { manager: _manager, ...fields } = rows.base(start + index).fields
        return make(contact, {
          ...fields,
          ...('organization' in fields && { organization: organizationIds[(start + index) % organizations] as string }),
          ...('assignee' in fields && { assignee: userIds[(start + index) % users] as string }),
        })
      })
      await Promise.all(group)
      // Yields, since nothing here waits for the network and the server would otherwise answer nobody else.
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    return this.store.events.head
  }
}

interface BenchEnv extends Omit<Env, 'TENANTS'> {
  readonly TENANTS: DurableObjectNamespace<TenantObject>
}

export default {
  async fetch(request: Request, env: BenchEnv & Env, ctx: ExecutionContext): Promise<Response> {
    const { pathname, searchParams, origin } = new URL(request.url)
    const number = (name: string): number => Number(searchParams.get(name))
    if (pathname === '/bench/contacts') {
      const tenant = searchParams.get('tenant') ?? ''
      const stub = env.TENANTS.getByName(tenant)
      const context = `${origin}/~${tenant}`
      return Response.json(await stub.makeContacts({ tenant, context, from: number('from'), to: number('to') }))
    }
    if (pathname === '/bench/rows') return Response.json(rowsOf(number('from'), number('to')).length)
    if (pathname === '/bench/plain')
      return Response.json(
        parquetWriteBuffer({ columnData: rowsToColumnData(columns, rowsOf(number('from'), number('to'))) }).byteLength,
      )
    return worker.fetch(request, env, ctx)
  },
}

function rowsOf(from: number, to: number): readonly EntityRow[] {
  const contacts = new ContactRows(to)
  return Array.from({ length: to - from }, (_, at) => contacts.base(from + at))
}
