// The parts of a tenant's object that services use: calls as any caller makes them, and a few direct reads of the state.

import {
  type DefinedTenant,
  earliestEntities,
  idsWithValue,
  readInRounds,
  tenantFilesOf,
  type TenantStore,
  unauthorized,
} from '@dotdo/do'
import type { ObjectStore } from '@dotdo/db'
import {
  type ApprovalState,
  type Connect,
  type ObjectParts,
  type ServiceProgram,
  type TenantFiles,
} from '@dotdo/service'
import { actingAs } from './acting.ts'
import { causesOf } from './calls/causes-of.ts'
import {
  type Authority,
  type Call,
  type EntityFields,
  fullAuthority,
  isFullAuthority,
  type NounSchema,
  parseEventId,
  parseId,
} from 'digital-objects'
import type { Answer } from './answers/answer.ts'
import { answerReads } from './calls/answer-reads.ts'
import type { Caller } from './answers/caller.ts'

export interface ServicePartsOptions {
  readonly tenant: DefinedTenant
  /** Answers a call of a caller whom the front door did not make. */
  readonly answer: (call: Call, caller: Caller) => Promise<Answer>
  readonly connect: Connect | undefined
  /** The object store for files. */
  readonly files: ObjectStore | undefined
  readonly openProgram: (caller: Caller) => ServiceProgram
}

export function servicePartsOf({
  tenant,
  answer,
  openProgram,
  files,
  connect = notConfigured,
}: ServicePartsOptions): ObjectParts {
  const { lookup, write, store, keysChanged, background } = tenant
  return {
    tenant: () => store().name ?? '',
    context: () => store().context,
    answerReads: (text, read) => answerReads(text, { read, bookmark: store().bookmark }),
    lookup,
    write,
    answer: (call, { who, ...by }) => {
      const { name, context } = store()
      return answer(call, { tenant: name ?? '', context, authority: fullAuthority(who), ...by })
    },
    ...principalPartsOf({ store, answer }),
    background,
    approval: (id) => approvalOf(store(), id),
    read: (id) => readEntity(store(), id),
    idsWith: (noun, by) => withNoun(noun, (schema) => idsWithValue(store(), schema, by)),
    earliest: (noun, by) => withNoun(noun, (schema) => earliestEntities(store(), schema, by)),
    openProgram: ({ who, via, causedBy }) => {
      const { name, context } = store()
      const cause = causedBy === undefined ? {} : { causedBy }
      return openProgram({ tenant: name ?? '', context, authority: fullAuthority(who), via, ...cause })
    },
    causesOf: (commit, limit) => causesOf(store(), commit, limit),
    ...outboxPartsOf(store),
    stampOf: (noun) => (store().isReady ? store().state.stamps.of(noun) : ''),
    commitStart: (commit) => store().events.read({ after: commit - 1, limit: 1, isHeadOnly: true }).rows[0],
    nouns: () => store().catalog.current.nouns,
    roles: () => store().rules.current,
    audit: (entry) => {
      if (store().isReady) store().keys.audit.record(entry)
    },
    secret: async (name) => (store().isReady ? store().secrets.read(name) : undefined),
    settings: () => store().settings.current,
    connect,
    nowMs: () => store().nowMs,
    files: () => filesOf(store(), files),
    restored: () => store().restored,
    values: () => (store().isReady ? store().keys.values : undefined),
    vectors: () => (store().isReady ? store().vectors : undefined),
    rank: (nouns, vector) =>
      readInRounds(() => store().inSlices((slices) => store().vectors.rank(nouns, vector, slices))),
    keysChanged,
  }

  function withNoun<Found>(noun: string, find: (schema: NounSchema) => readonly Found[]): readonly Found[] {
    const schema = store().isReady ? lookup(noun) : undefined
    return schema === undefined ? [] : find(schema)
  }
}

function filesOf({ name, isReady }: TenantStore, store: ObjectStore | undefined): TenantFiles | undefined {
  return store === undefined || !isReady || name === undefined ? undefined : tenantFilesOf(store, name)
}

/** What is done with the rights that a principal of the tenant has now. */
function principalPartsOf({
  store,
  answer,
}: Pick<ServicePartsOptions, 'answer'> & { readonly store: () => TenantStore }): Pick<
  ObjectParts,
  'actAs' | 'answerAs' | 'mayDoEverything'
> {
  return {
    actAs: (principal) => actingAs(principal, { store, answer }),
    answerAs: async (call, principal) => {
      const { name, context, bookmark } = store()
      const authority = authorityOf(store(), principal)
      if (authority === undefined) return { ok: false, error: unauthorized().toData(), bookmark }
      return answer(call, { tenant: name ?? '', context, authority, via: 'system' })
    },
    mayDoEverything: (principal) => {
      const authority = authorityOf(store(), principal)
      return authority !== undefined && isFullAuthority(authority)
    },
  }
}

type OutboxParts = Pick<ObjectParts, 'waiting' | 'replay' | 'hasten' | 'owe' | 'oweEvent'>

function outboxPartsOf(store: () => TenantStore): OutboxParts {
  return {
    waiting: (handler) => store().outbox.waitingFor(handler),
    replay: (handler) => {
      if (store().outbox.replay(handler) > 0) void store().runOutbox()
    },
    hasten: (handler) => {
      if (store().outbox.hasten(handler) > 0) void store().runOutbox()
    },
    owe: (handler, { after, through, isOwed }) => {
      const { events, outbox } = store()
      const heads = events.heads({ after, through: Math.min(through, events.head) })
      for (const head of heads) if (isOwed(head)) outbox.owe(handler, head)
      void store().runOutbox()
    },
    oweEvent: (handler, id) => {
      const { events, outbox } = store()
      const secondMs = parseEventId(id)
      const row = secondMs === undefined ? undefined : events.byId(id, secondMs)
      if (row !== undefined) outbox.owe(handler, row)
      void store().runOutbox()
    },
  }
}

function readEntity({ state, catalog, isReady }: TenantStore, id: string): EntityFields | undefined {
  const prefix = parseId(id)?.prefix
  const schema = catalog.current.nouns.find(({ idPrefix }) => idPrefix === prefix)
  if (!isReady || schema === undefined || !state.hasTable(schema.name)) return undefined
  const version = state.get(state.tableOf(schema), id)
  return version && { ...version.fields, $id: id, $version: version.version }
}

/** Rights that a principal has now, without a key of its own. */
function authorityOf(store: TenantStore, principal: string): Authority | undefined {
  const { keys } = store
  if (principal.startsWith('apikey_')) return keys.verdictOf(principal)?.authority
  // On a server that requires a sign-in, nobody is `owner`, and what one of before has set up may be anybody's.
  const isMember = /^(?:(?:user|agent)_|owner$)/.test(principal)
  if (isMember && keys.identity !== undefined) return keys.identity.authorityOf(principal)
  // What a function or a workflow has set up ends with it.
  if (parseId(principal) !== undefined && readEntity(store, principal) === undefined) return undefined
  return fullAuthority(principal)
}

/** Approvals that take each other's place. */
const replacedMax = 100

function approvalOf({ isReady, requests }: TenantStore, id: string): ApprovalState | undefined {
  let found = isReady ? requests.approvals.find(id, requests.realMs) : undefined
  for (let at = 0; found?.next !== undefined && at < replacedMax; at++)
    found = requests.approvals.find(found.next, requests.realMs)
  if (found === undefined) return undefined
  const { status, expiresMs, decidedBy, note, commit } = found
  const decided = { ...(decidedBy === undefined ? {} : { decidedBy }), ...(note === undefined ? {} : { note }) }
  return { status, expiresMs, ...decided, ...(commit === undefined ? {} : { commit }) }
}

function notConfigured(): never {
  throw new Error('this server has no network')
}
