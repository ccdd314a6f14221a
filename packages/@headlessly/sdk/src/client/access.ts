// `$.access`: who calls, and what each role of the tenant may do.

import type { ApprovalRule, NounAuthority, Roles, RowRule } from 'digital-objects'
import type { CallOptions } from '../calls/call-options.ts'
import type { Session } from '../calls/session.ts'
import { type Erasures, makeErasures } from './erasures.ts'
import { type Approvals, checked, makeApprovals } from './approvals.ts'
import { rolesOf, setRoles, type SetRolesOptions } from './set-roles.ts'

export interface Whoami {
  readonly tenant: string
  /** The id that events name as their actor. */
  readonly actor: string
  /** The user for whom an agent acts. */
  readonly onBehalfOf?: string
  /** The id of the key; absent for a call without one. */
  readonly key?: string
  readonly mayDoEverything: boolean
  readonly nouns: Readonly<Record<string, NounAuthority>>
  /** Applies to every entity type that `nouns` does not name. */
  readonly others: NounAuthority
}

/** What is granted of an entity type; what is left out is not granted. */
export type Grant = Partial<NounAuthority>

/** The roles besides Owner and Admin, which may do everything. */
export type RolesInput = Readonly<
  Record<string, { readonly about?: string; readonly nouns?: Readonly<Record<string, Grant>>; readonly others?: Grant }>
>

/** The rights of each role, and the rules about changes that need the approval of a person. */
export interface Rules {
  readonly roles: Roles
  readonly approvals: readonly ApprovalRule[]
  /** 0 until the tenant has set any. */
  readonly version: number
}

export interface SeenByMember {
  readonly member: string
  /** Whether the member may call at all. */
  readonly mayCall: boolean
  /** By entity type; `visible` is null if counting would take too long. */
  readonly nouns: Readonly<Record<string, NounAuthority & { readonly visible: number | null }>>
}

export interface MembersWhoSee {
  readonly entity: string
  readonly members: readonly {
    readonly member: string
    readonly name: string | null
    readonly role: string | null
    /** The rule by which the member sees it. */
    readonly read: RowRule
    /** Fields of it that the member does not see. */
    readonly hidden: readonly string[]
  }[]
  readonly hasMore: boolean
}

/** A sign-in, a refusal, or a change of what callers may do. */
export interface AuditEntry {
  readonly at: string
  readonly kind: string
  /** Absent if nobody has proved who they are. */
  readonly actor?: string
  readonly onBehalfOf?: string
  readonly key?: string
  /** The type of an event, or the name of a call. */
  readonly about: string
  readonly target?: string
  readonly reason?: string
  readonly seq?: number
  /** The number of times that it happened within a minute. */
  readonly count: number
}

export interface AuditPage {
  readonly results: readonly AuditEntry[]
  readonly hasMore: boolean
  readonly cursor: string | null
}

/** A secret of the tenant, without its value. */
export interface SecretInfo {
  readonly name: string
  readonly setAt: string
  readonly setBy: string
  /** The number of the key that encrypts it. */
  readonly key: number
  /** Whether the server has that key. */
  readonly isReadable: boolean
}

export interface Invited {
  readonly email: string
  readonly name?: string | undefined
  readonly role?: string | undefined
}

export interface Invitation {
  /** The id of the `User`. */
  readonly user: string
  readonly endsAt: string
  /** Absent if it was mailed. */
  readonly link?: string
  readonly mailedTo?: string
  /** Why the mail server refused it. */
  readonly notMailed?: string
}

type AuditOptions = CallOptions & {
  readonly [Name in 'kind' | 'actor' | 'cursor']?: string | undefined
} & { readonly limit?: number | undefined }

type PreviewOptions = CallOptions & { readonly roles?: RolesInput | undefined }

export interface Access extends Approvals, Erasures {
  whoami(options?: CallOptions): Promise<Whoami>
  /** Returns all roles, including the built-in ones. */
  roles(options?: CallOptions & { readonly asOf?: string | Date | undefined }): Promise<Roles>
  /** Returns the rules of today with their version, which `setRoles` expects in order not to overwrite those of somebody else. */
  rules(options?: CallOptions): Promise<Rules>
  /** Replaces the roles that the tenant has set. A built-in role that is left out returns to its default. */
  setRoles(roles: RolesInput, options?: SetRolesOptions): Promise<Roles>
  /** Returns entries of the audit log, newest first. */
  audit(options?: AuditOptions): Promise<AuditPage>
  /** Returns the secrets of the tenant, without their values. */
  secrets(options?: CallOptions): Promise<readonly SecretInfo[]>
  /** Sets a secret, such as the password of a mail server. No answer has its value again. */
  setSecret(name: string, value: string, options?: CallOptions): Promise<void>
  /** Invites a person, who becomes a member by opening the link. The link is mailed, or returned, once. */
  invite(person: Invited, options?: CallOptions): Promise<Invitation>
  removeSecret(name: string, options?: CallOptions): Promise<void>
  /** Returns what a member would see under these roles, by default those of today. */
  seenBy(member: string, options?: PreviewOptions): Promise<SeenByMember>
  /** Returns the members who would see the entity, and the rule by which they do. */
  whoSees(entity: string, options?: PreviewOptions): Promise<MembersWhoSee>
}

export function makeAccess(session: () => Session): Access {
  const read = (name: string, parameters: Readonly<Record<string, string>>, { signal }: CallOptions) =>
    session().send({ kind: 'read', read: name, parameters }, signal)
  const post = async (verb: string, body: object, { signal }: CallOptions) =>
    (await session().send({ kind: 'write', noun: '', verb, body: JSON.stringify(body) }, signal)).body
  const preview = (body: object, options: CallOptions) => post('rules.preview', body, options)
  return Object.freeze<Access>({
    ...makeApprovals(session),
    whoami: async (options = {}) => checked((await read('whoami', {}, options)).body, 'actor') as Whoami,
    roles: async ({ asOf, ...options } = {}) => {
      const time = asOf instanceof Date ? asOf.toISOString() : asOf
      return rolesOf((await read('rules', time === undefined ? {} : { asOf: time }, options)).body)
    },
    rules: async (options = {}) => checked((await read('rules', {}, options)).body, 'version') as Rules,
    setRoles: (roles, options = {}) => setRoles(session(), roles, options),
    audit: async ({ signal, ...of } = {}) => {
      const given = Object.entries(of).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
      return checked((await read('audit', Object.fromEntries(given), { signal })).body, 'results') as AuditPage
    },
    secrets: async (options = {}) => {
      const body = checked((await read('secrets', {}, options)).body, 'results')
      return (body as { readonly results: readonly SecretInfo[] }).results
    },
    setSecret: async (name, value, { signal } = {}) => {
      const body = JSON.stringify({ value })
      await session().send({ kind: 'write', noun: '', verb: 'secrets.put', id: name, body }, signal)
    },
    invite: async (person, { signal } = {}) => {
      const call = { path: 'invitations', body: JSON.stringify(person), ...(signal === undefined ? {} : { signal }) }
      return checked((await session().command(call)).body, 'user') as Invitation
    },
    removeSecret: async (name, { signal } = {}) => {
      await session().send({ kind: 'write', noun: '', verb: 'secrets.delete', id: name, body: '' }, signal)
    },
    ...makeErasures(session),
    seenBy: async (member, { roles, ...options } = {}) => {
      const body = { member, ...(roles === undefined ? {} : { roles }) }
      return checked(await preview(body, options), 'nouns') as SeenByMember
    },
    whoSees: async (entity, { roles, ...options } = {}) => {
      const body = { entity, ...(roles === undefined ? {} : { roles }) }
      return checked(await preview(body, options), 'members') as MembersWhoSee
    },
  })
}
