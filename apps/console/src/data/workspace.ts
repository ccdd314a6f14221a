// An open tenant: its client, which knows the tenant's own types, and what the caller may do.

import {
  Account,
  type AccountReport,
  type AnyEntity,
  anyEntity,
  type Client,
  domains,
  Headlessly,
  HeadlesslyError,
  makeNoun,
  Tenants,
  type Whoami,
} from '@headlessly/sdk'
import { isGranted } from '../base/rights.ts'

export interface TypeEntry {
  readonly name: string
  readonly idPrefix: string
  readonly domain: string
  /** The values of its field `type`, by which people call its records: an article is a kind of Content. */
  readonly kinds: readonly string[]
}

export interface Workspace {
  readonly tenant: string
  readonly client: Client
  readonly whoami: Whoami
  /** The tenant's, in which amounts without a currency of their own are. */
  readonly currency: string
  /** Lists that live queries keep current: the hash of each one's key, and the `seq` after which its query began. */
  readonly liveLists: Map<string, number>
  /** The tenant's, in which its months begin. */
  readonly timeZone: string
  /** The types that the caller may read. */
  readonly types: ReadonlyMap<string, TypeEntry>
  entity(name: string): AnyEntity
  /** The type of an id; undefined for an id of no known type, such as an actor's. */
  typeOfId(id: string): TypeEntry | undefined
}

const endpoint = location.origin
const server = { endpoint, connection: 'http', liveConnection: 'websocket' } as const

/** Types of services that the client does not know by itself, with their domains. A server without the service has none. */
const serviceTypes: ReadonlyMap<string, string> = new Map([
  ['AgentRun', 'platform'],
  ['Function', 'platform'],
  ['PaymentFinding', 'billing'],
  ['PaymentRun', 'billing'],
  ['Webhook', 'platform'],
  ['WorkflowRun', 'platform'],
])

export const account = Account({ endpoint })
export const tenants = Tenants({ endpoint })

export function clientOf(tenant: string, options: { readonly timeoutMs?: number } = {}): Client {
  return Headlessly({ ...server, tenant, ...options })
}

export async function openWorkspace(tenant: string): Promise<Workspace> {
  const bare = clientOf(tenant)
  const [defined, whoami, status, ...brought] = await Promise.all([
    bare.schema.list({ defined: true }),
    bare.access.whoami(),
    // Settings are for administrators.
    bare.status(),
    ...[...serviceTypes.keys()].map((name) => bare.schema.get(name).catch(noneIfMissing)),
  ])
  const described = { ...Object.fromEntries(brought.flatMap((type) => (type ? [[type.name, type]] : []))), ...defined }
  const nouns = Object.values(described).map(({ name, definition }) => makeNoun(name, definition))
  const client = Headlessly({ ...server, tenant, nouns, bookmark: bare.bookmark })
  const types = new Map(
    typesOf(client)
      .filter(({ name }) => isGranted(whoami, { read: name }))
      .map((type) => [type.name, type]),
  )
  const prefixes = new Map([...types.values()].map((type) => [type.idPrefix, type]))
  return {
    tenant,
    client,
    whoami,
    currency: status.currency,
    liveLists: new Map(),
    timeZone: status.timeZone,
    types,
    entity: (name) => anyEntity(client, name),
    typeOfId: (id) => prefixes.get(id.slice(0, Math.max(0, id.lastIndexOf('_')))),
  }
}

function noneIfMissing(error: unknown): undefined {
  if (error instanceof HeadlesslyError && (error.code === 'not_found' || error.code === 'forbidden')) return undefined
  throw error
}

/** The part of a definition that the console needs. */
interface KnownSchema {
  readonly idPrefix: string
  readonly fields: Readonly<Record<string, { readonly values?: readonly string[] }>>
}

function typesOf(client: Client): readonly TypeEntry[] {
  const domainOf = new Map<string, string>(
    Object.entries(domains).flatMap(([domain, names]) => names.map((name) => [name, domain] as const)),
  )
  return Object.keys(client).flatMap((name) => {
    if (!/^[A-Z]/.test(name)) return []
    const { $schema } = Reflect.get(client, name) as { readonly $schema: KnownSchema } // set by the SDK
    const kind = $schema.fields['type']
    return [
      {
        name,
        idPrefix: $schema.idPrefix,
        domain: domainOf.get(name) ?? serviceTypes.get(name) ?? 'more',
        kinds: kind?.values ?? [],
      },
    ]
  })
}

export type { AccountReport }
