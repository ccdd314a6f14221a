// A client of one tenant: its entities by name and by domain, its events, and its commands.

import {
  type DomainName,
  type KnownName,
  nearestName,
  type NounSchema,
  nounsOfDomain,
  type NounsOfDomain,
} from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { printedAs } from '../base/printed-as.ts'
import { type Batch, makeBatch } from '../batch/batch.ts'
import type { BatchWrites, BatchWritesOf } from '../batch/batch-methods.ts'
import { type Access, makeAccess } from './access.ts'
import { type Clock, makeClock } from './clock.ts'
import { type Commits, type CommitsOf, makeCommits } from './commits.ts'
import { type Do, makeDo } from './do.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'
import { type Events, type EventsOf, makeEvents } from '../events/event-stream.ts'
import { type Archive, makeArchive } from './archive.ts'
import { type Export, makeExport } from './export.ts'
import { rpcTransport } from '../wire/rpc-transport.ts'
import { type History, makeHistory } from './history.ts'
import { type Files, makeFiles } from './files.ts'
import { type Imports, makeImports } from './imports.ts'
import { type Jobs, makeJobs } from './jobs.ts'
import { makePayments, type Payments } from './payments.ts'
import { makeSemantic, type Semantic } from './semantic.ts'
import { type Lake, makeLake } from './lake.ts'
import { makeEntityMethods } from '../entities/make-entity-methods.ts'
import type { EventPattern, PatternOf } from '../types/event-types.ts'
import type { Among, NounValue } from '../types/noun-of.ts'
import type { NounsWith } from '../types/nouns-with.ts'
import { knownSchemas } from './known-schemas.ts'
import { Session } from '../calls/session.ts'
import { type Analysis, makeAnalysis, makeMembers, type Members } from './analyses.ts'
import { type Flags, makeFlags } from './flags.ts'
import { type Functions, makeFunctions } from './functions.ts'
import { makeMetrics, type Metrics } from './metrics.ts'
import { type HeadlesslyOptions, parseSettings } from '../wire/settings.ts'
import { makePlans, type Plans } from './plans.ts'
import { makeSchemas, type Schemas } from './schemas.ts'
import { makeSettings, type Settings } from './settings.ts'
import { makeTriggers, type Triggers } from './triggers.ts'
import { makeWebhooks, type Webhooks } from './webhooks.ts'
import { makeStatus, type ReadStatus } from './status.ts'

/** The domains with a namespace and a package of their own. */
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
  readonly [Name in NounsOfDomain<Domain>]: EntityMethods<Name>
}

type ByName = { readonly [Name in KnownName]: EntityMethods<Name> }
type ByDomain = { readonly [Domain in NamespaceName]: Namespace<Domain> }

interface Tenant<Events, Commits, Writes, Self> {
  readonly events: Events
  /** Commits, and their undo. */
  readonly commits: Commits
  /** Performs what dry runs have shown. */
  readonly plans: Plans
  /** Performs several writes as one commit. */
  readonly batch: Batch<Writes>
  readonly lake: Lake
  /** Writes all entities of a type to a file. */
  readonly export: Export
  /** The whole tenant, without secrets, as one tar file. The caller must be allowed to read everything. */
  readonly archive: Archive
  readonly clock: Clock
  /** Loads the tenant's past, before its first live write. */
  readonly history: History
  /** The tenant's entity types, and changes of them. */
  readonly schema: Schemas
  /** Who calls, and what each role may do. */
  readonly access: Access
  /** The tenant's settings, such as its time zone and business hours. */
  readonly settings: Settings
  /** The numbers of the business, such as monthly recurring revenue. */
  readonly metrics: Metrics
  /** Feature flags and variants of experiments, for a person or a visitor. */
  readonly flags: Flags
  /** Functions that the tenant keeps and runs itself. */
  readonly functions: Functions
  /** Brings files of other programs in. */
  readonly imports: Imports
  /** Keeps bytes, each as an `Asset`. */
  readonly files: Files
  /** Writes of many entities that the server performs in the background. */
  readonly jobs: Jobs
  /** Addresses of other systems that get the tenant's events. */
  readonly webhooks: Webhooks
  /** The connection to a payment provider. */
  readonly payments: Payments
  /** Finds entities by the meaning of their texts, with the tenant's model of vectors. */
  readonly semantic: Semantic
  /** Analyzes a funnel, an experiment or a goal. */
  readonly analysis: Analysis
  /** Lists the members of a segment. */
  readonly members: Members
  /** How much the tenant holds, and how far its files lag behind. */
  readonly status: ReadStatus
  /** Runs a function next to the data. */
  readonly do: Do<Self>
  /** The tenant's slug. */
  readonly tenant: string
  /** The tenant's URL, `$context` of its entities: `http://localhost:8787/~acme`. */
  readonly context: string
  /** The newest point of the log that this client has seen. A client created with it sees at least as much. */
  readonly bookmark: string | undefined
  /** Starts over with the log as it is now, after a `bookmark_ahead`, which says that the tenant was replaced. */
  forgetBookmark(): void
}

export interface Client
  extends Tenant<Events, Commits, BatchWrites, Client>, Triggers<KnownName, EventPattern, Client>, ByName, ByDomain {}

/** The client of a tenant with Nouns of its own; `All` maps the names to all of them. */
export type ClientOf<All extends object> = Tenant<
  EventsOf<KeyIn<All>, PatternOf<KeyIn<All>>>,
  CommitsOf<KeyIn<All>, PatternOf<KeyIn<All>>>,
  BatchWritesOf<All>,
  ClientOf<All>
> &
  Triggers<KeyIn<All>, PatternOf<KeyIn<All>>, ClientOf<All>> & {
    readonly [Name in keyof All & string]: EntityMethods<Among<Name, All>>
  } & {
    readonly [Domain in NamespaceName]: {
      readonly [Name in NounsOfDomain<Domain>]: EntityMethods<Among<Name, All>>
    }
  }
type KeyIn<All extends object> = { [Name in keyof All & string]: Among<Name, All> }[keyof All & string]

/** For a list known only at run time, the compiler knows the built-in Nouns alone. */
type ClientWith<Given extends readonly NounValue[]> = Given extends readonly []
  ? Client
  : number extends Given['length']
    ? Client
    : ClientOf<NounsWith<Given>>

/**
 * Creates a client that shares nothing with any other. `nouns` are the tenant's own, made by `Noun()`, and extended
 * built-in ones, made by `extend()`. Throws a HeadlesslyError `invalid_settings`, or `invalid_definition` for a Noun that
 * does not fit the others.
 */
export function Headlessly<const Given extends readonly NounValue[] = []>(
  options: HeadlesslyOptions & { readonly nouns?: Given | undefined },
): ClientWith<Given> {
  const session = makeSession(options)
  const byName: Record<string, unknown> = {}
  for (const schema of knownSchemas(options.nouns ?? []))
    defineLazily(byName, schema.name, () => makeEntityMethods({ $name: schema.name, $schema: schema }, () => session))
  for (const domain of namespaceNames)
    defineLazily(byName, domain, () =>
      Object.freeze(Object.fromEntries((nounsOfDomain(domain) ?? []).map((name) => [name, byName[name]]))),
    )
  // Each Noun was added by its name, and in its domain.
  return assembleClient(byName as unknown as ByName & ByDomain, () => session) as ClientWith<Given>
}

/** Defines a member that is made at its first use: a program uses a few of forty, and a stored function gets a client for each run. */
function defineLazily(members: object, name: string, make: () => unknown): void {
  let made: unknown
  Object.defineProperty(members, name, { enumerable: true, get: () => (made ??= make()) })
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

/** `session` is called when it is needed, so that a client may be configured at its first use. */
export function assembleClient(entities: ByName & ByDomain, session: () => Session): Client {
  const others = {
    events: makeEvents(session),
    commits: makeCommits(session),
    plans: makePlans(session),
    batch: makeBatch<BatchWrites>(() => schemasOf(entities), session),
    lake: makeLake(session),
    export: makeExport(session),
    archive: makeArchive(session),
    clock: makeClock(session),
    history: makeHistory(session),
    schema: makeSchemas(session),
    access: makeAccess(session),
    settings: makeSettings(session),
    metrics: makeMetrics(session),
    flags: makeFlags(session),
    functions: makeFunctions(session),
    imports: makeImports(session),
    files: makeFiles(session),
    jobs: makeJobs(session),
    webhooks: makeWebhooks(session),
    payments: makePayments(session),
    semantic: makeSemantic(session),
    analysis: makeAnalysis(session),
    members: makeMembers(session),
    status: makeStatus(session),
    ...makeTriggers<KnownName, EventPattern, Client>(session),
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
  }
  const members = { ...Object.getOwnPropertyDescriptors(entities), ...Object.getOwnPropertyDescriptors(others) }
  // The descriptors are those of all members.
  return knownNames(Object.defineProperties({}, members) as Client)
}

/** The members of the client that are entity types. */
function schemasOf(entities: object): readonly NounSchema[] {
  return Object.values(entities).flatMap(
    (member: object) => ('$schema' in member ? [member.$schema as NounSchema] : []), // set by `makeEntityMethods`
  )
}

/** Refuses the name of an entity type that does not exist, which would otherwise fail as a property of undefined. */
function knownNames(members: Client): Client {
  const shown = (): string => {
    try {
      return `headless.ly client of ${members.context}`
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
  return new Proxy(Object.freeze(printedAs(members, shown)), {
    get(target, name, receiver) {
      if (typeof name === 'symbol' || Object.hasOwn(target, name) || !/^[A-Z]/.test(name))
        return Reflect.get(target, name, receiver)
      throw unknownEntity(name, Object.keys(target))
    },
  })
}

function unknownEntity(name: string, members: readonly string[]): HeadlesslyError {
  const entities = members.filter((member) => /^[A-Z]/.test(member))
  const nearest = nearestName(name, entities)
  const hint = nearest === undefined ? `there are ${entities.join(', ')}` : `did you mean '${nearest}'?`
  const message = `unknown entity type '${name.slice(0, 64)}'; ${hint}`
  return new HeadlesslyError({ code: 'not_found', field: 'type', message })
}
