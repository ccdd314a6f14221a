// A client of one tenant: its entities by name, the same by domain, its events.

import { type DomainName, domains, type NounName, nouns } from 'digital-objects'
import { type Do, makeDo } from './do.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'
import { type Events, makeEvents } from '../events/event-stream.ts'
import { rpcTransport } from '../wire/rpc-transport.ts'
import { type Lake, makeLake } from './lake.ts'
import { makeEntityMethods } from '../entities/make-entity-methods.ts'
import { Session } from '../calls/session.ts'
import { type HeadlesslyOptions, parseSettings } from '../wire/settings.ts'
import { makeStatus, type ReadStatus } from './status.ts'

/** The domains with a namespace, and a package, of their own. */
export const namespaceNames = [
  'crm',
  'billing',
  'projects',
  'content',
  'support',
  'analytics',
  'marketing',
  'experiments',
  'platform',
] as const satisfies readonly DomainName[]
export type NamespaceName = (typeof namespaceNames)[number]

export type Namespace<Domain extends DomainName> = {
  readonly [Name in (typeof domains)[Domain][number]]: EntityMethods<Name>
}

type ByName = { readonly [Name in NounName]: EntityMethods<Name> }
type ByDomain = { readonly [Domain in NamespaceName]: Namespace<Domain> }

export interface Client extends ByName, ByDomain {
  readonly events: Events
  readonly lake: Lake
  /** How much the tenant holds, and how far its files are, as of now. */
  readonly status: ReadStatus
  /** Runs a function next to the data. */
  readonly do: Do<Client>
  /** Its slug. */
  readonly tenant: string
  /** The tenant's URL, `$context` of its entities: `http://localhost:8787/~acme`. */
  readonly context: string
  /** The newest point of the log that this client knows of. Another client that is given it sees all that this one saw. */
  readonly bookmark: string | undefined
  /** After a `bookmark_ahead`, which says that the tenant is not the one it was: begins anew with what is there now. */
  forgetBookmark(): void
}

/** A client that shares nothing with any other. Throws a HeadlesslyError `invalid_settings`. */
export function Headlessly(options: HeadlesslyOptions): Client {
  const session = makeSession(options)
  const byName: Record<string, unknown> = {}
  for (const noun of Object.values(nouns)) byName[noun.$name] = makeEntityMethods(noun, () => session)
  for (const domain of namespaceNames)
    byName[domain] = Object.freeze(Object.fromEntries(domains[domain].map((name) => [name, byName[name]])))
  // Each Noun is there by its name, and in its domain.
  return assembleClient(byName as unknown as ByName & ByDomain, () => session)
}

export function makeSession(options: HeadlesslyOptions): Session {
  const settings = parseSettings(options)
  return new Session({
    transport: options.transport ?? rpcTransport(settings),
    tenant: settings.tenant,
    context: `${settings.endpoint}/~${settings.tenant}`,
    ...(options.bookmark === undefined ? {} : { bookmark: options.bookmark }),
  })
}

/** `session` is asked for when it is needed, so that a client may be configured at its first use. */
export function assembleClient(entities: ByName & ByDomain, session: () => Session): Client {
  return Object.freeze({
    ...entities,
    events: makeEvents(session),
    lake: makeLake(session),
    status: makeStatus(session),
    do: makeDo<Client>(session),
    get tenant() {
      return session().tenant
    },
    get context() {
      return session().context
    },
    get bookmark() {
      return session().bookmark
    },
    forgetBookmark: () => session().forgetBookmark(),
  })
}
