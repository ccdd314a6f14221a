// What a key proves: the rights of its owner by the owner's role, cut to the key's scopes. All of it is read from the tenant's
// own entities.

import type { Budget, ObjectParts, Verdict } from '@dotdo/service'
import {
  type Authority,
  authorityOfRole,
  type EntityFields,
  fullAuthority,
  intersectAuthorities,
  type NounAuthority,
  ObjectError,
  parseId,
  type Roles,
  type RowRule,
  withPrincipal,
} from 'digital-objects'
import { budgetOf } from './agent-limits.ts'
import { cutToCapabilities, parseCapabilities } from './capabilities.ts'
import { confine } from './confine.ts'
import { idleAgents } from './delegated-work.ts'
import type { Grants } from './oauth-grants.ts'
import { cutToScopes, parseScopes } from './scopes.ts'

/** The person of a server that is reachable from its own machine only. */
const machineOwner = 'owner'
/** The access level of an anonymous caller's key, its writes in a day, and its changes in a call. */
const sessionLevel = 1
const sessionWritesPerDay = 1_000
const sessionChangesPerCall = 100
/** A use of a key is recorded if the last one is longer ago. */
const usedEveryMs = 3_600_000

export class KeyVerdicts {
  readonly #parts: ObjectParts
  readonly #grants: Grants
  readonly #isOwnerAnybody: boolean
  /** Keys whose use is being recorded. */
  readonly #recording = new Set<string>()

  constructor(options: { readonly parts: ObjectParts; readonly grants: Grants; readonly isOwnerAnybody: boolean }) {
    this.#parts = options.parts
    this.#grants = options.grants
    this.#isOwnerAnybody = options.isOwnerAnybody
  }

  /** `key` is the id of an `ApiKey`, the name of a grant, or the id of an agent or of a run of one. */
  verdictOf(key: string): Verdict | undefined {
    const verdict = this.#unconfinedVerdictOf(key)
    return verdict && { ...verdict, authority: this.#confined(verdict.authority) }
  }

  #confined(authority: Authority): Authority {
    return confine(authority, this.#parts.nouns())
  }

  #unconfinedVerdictOf(key: string): Verdict | undefined {
    if (key.startsWith('grant_')) return this.#verdictOfGrant(key)
    if (key.startsWith('agentrun_')) return this.#verdictOfRun(key)
    return key.startsWith('agent_') ? this.#verdictOfAgent(key) : this.#verdictOfKey(key)
  }

  #verdictOfKey(key: string): Verdict | undefined {
    const entity = key.startsWith('apikey_') ? this.#parts.read(key) : undefined
    if (entity === undefined || entity['status'] !== 'Active') return undefined
    const { owner, scopes, expiresAt, level } = entity
    const whole = typeof owner === 'string' ? this.#wholeOf(owner) : fullAuthority(key)
    const cut = whole && this.#cut(whole, scopes)
    if (cut === undefined) return undefined
    const through = { kind: 'key', id: key, ...(typeof level === 'number' ? { level } : {}) } as const
    const authority = { ...cut, through }
    const agent = typeof owner === 'string' && owner.startsWith('agent_') ? this.#parts.read(owner) : undefined
    const budget = agent === undefined ? budgetOfLevel(key, level) : budgetOf(String(owner), agent)
    const ends = [expiresAt, agent?.['expiresAt']].flatMap((at) => (typeof at === 'string' ? [Date.parse(at)] : []))
    return {
      authority,
      ...(ends.length === 0 ? {} : { endsMs: Math.min(...ends) }),
      ...(budget === undefined ? {} : { budget }),
    }
  }

  /** A grant proves the rights of the person who gave it, cut to its scopes. */
  #verdictOfGrant(key: string): Verdict | undefined {
    const found = this.#grants.find(key)
    if (found === undefined) return undefined
    const { scope, metadata } = found.grant
    const whole = this.#wholeOf(metadata.principal)
    const cut = whole && this.#cut(whole, scope.join(','))
    if (cut === undefined) return undefined
    const authority = { ...cut, through: { kind: 'grant', id: key } } as const
    return found.endsMs === undefined ? { authority } : { authority, endsMs: found.endsMs }
  }

  /** The rights of an agent that the server itself runs. On a server of one person, an agent without an owner is that person's. */
  #verdictOfAgent(id: string): Verdict | undefined {
    const agent = this.#parts.read(id)
    if (agent === undefined) return undefined
    const isOfMachine = this.#isOwnerAnybody && agent['owner'] === undefined
    const own = isOfMachine ? this.#authorityOfAgent(fullAuthority(id), agent) : this.#wholeOf(id)
    if (own === undefined) return undefined
    const { expiresAt } = agent
    const budget = budgetOf(id, agent)
    return {
      authority: { ...own, through: { kind: 'key', id } },
      ...(typeof expiresAt === 'string' ? { endsMs: Date.parse(expiresAt) } : {}),
      ...(budget === undefined ? {} : { budget }),
    }
  }

  /** A run has the rights of its agent, as far as whoever gave the task has them too. */
  #verdictOfRun(id: string): Verdict | undefined {
    const { agent, askedBy, askedWith, actsFor } = this.#parts.read(id) ?? {}
    const verdict = typeof agent === 'string' ? this.#verdictOfAgent(agent) : undefined
    if (typeof agent !== 'string' || verdict === undefined) return undefined
    // A conversation is not continued with the rights of another owner.
    if (typeof actsFor === 'string' && actsFor !== (this.#parts.read(agent)?.['owner'] ?? agent)) return undefined
    const through = { kind: 'key', id } as const
    if (typeof askedBy !== 'string') return { ...verdict, authority: { ...verdict.authority, through } }
    const asker = this.#askerOf(askedBy, askedWith)
    if (asker === undefined) return undefined
    const schemas = this.#parts.nouns()
    const both = intersectAuthorities(verdict.authority, asker.authority, (name) =>
      schemas.find((schema) => schema.name === name),
    )
    const ends = [verdict.endsMs, asker.endsMs].filter((endsMs) => endsMs !== undefined)
    return {
      ...verdict,
      authority: { ...both, through },
      ...(ends.length === 0 ? {} : { endsMs: Math.min(...ends) }),
    }
  }

  /** Returns what the caller who gave a task may do now. A run that gave it may do less than its agent. */
  #askerOf(actor: string, key: EntityFields[string] | undefined): Verdict | undefined {
    if (typeof key === 'string' && /^(?:apikey|grant|agentrun)_/.test(key)) return this.verdictOf(key)
    if (actor.startsWith('agent_')) return this.verdictOf(actor)
    if (/^(?:user_|owner$)/.test(actor)) {
      const authority = this.authorityOf(actor)
      return authority && { authority }
    }
    // A workflow or a function, which acts with authority over all data as long as it is there.
    const isGone = parseId(actor) !== undefined && this.#parts.read(actor) === undefined
    return isGone ? undefined : { authority: fullAuthority(actor) }
  }

  /** `principal` may be the work of an agent. */
  budgetOf(principal: string): Budget | undefined {
    const of = principal.startsWith('agentrun_') ? this.#parts.read(principal)?.['agent'] : undefined
    if (typeof of === 'string') return this.budgetOf(of)
    const agent = principal.startsWith('agent_') ? this.#parts.read(principal) : undefined
    return agent && budgetOf(principal, agent)
  }

  /** Returns what its state, scopes and capabilities leave to an agent. */
  #authorityOfAgent(whole: Authority, { status, scopes, capabilities }: EntityFields): Authority | undefined {
    if (idleAgents.includes(String(status))) return undefined
    const scoped = this.#cut(whole, scopes)
    return scoped && this.#cutVerbs(scoped, capabilities)
  }

  #authorityOfMachine(): Authority | undefined {
    return this.#isOwnerAnybody ? fullAuthority(machineOwner) : undefined
  }

  /** Returns what a member, an agent or the machine's owner may do; undefined if that is nothing. */
  authorityOf(principal: string, roles?: Roles): Authority | undefined {
    const whole = this.#wholeOf(principal, roles)
    return whole && this.#confined(whole)
  }

  #wholeOf(principal: string, roles: Roles = this.#parts.roles()): Authority | undefined {
    if (principal === machineOwner) return this.#authorityOfMachine()
    const entity = this.#parts.read(principal)
    if (entity === undefined) return undefined
    if (principal.startsWith('user_')) return authorityOfUser(principal, entity, roles)
    if (!principal.startsWith('agent_')) return undefined
    const { owner } = entity
    if (typeof owner !== 'string' || !owner.startsWith('user_')) return undefined
    const person = this.#wholeOf(owner, roles)
    return person && this.#authorityOfAgent(onBehalfOf(person, principal), entity)
  }

  /** Returns how far an agent is held by its mode; undefined for an autonomous one, and for everybody else. */
  restraintOf(principal: string): 'proposes' | 'recommends' | undefined {
    if (!principal.startsWith('agent_')) return undefined
    const mode = this.#parts.read(principal)?.['mode']
    return mode === 'Supervised' ? 'proposes' : mode === 'Manual' ? 'recommends' : undefined
  }

  /** Records the time of a use in the entity, at most once an hour, since each record is an event. Never rejects. */
  async used(key: string): Promise<void> {
    const { read, answer, nowMs } = this.#parts
    const last = read(key)?.['lastUsedAt']
    const lastMs = typeof last === 'string' ? Date.parse(last) : Number.NEGATIVE_INFINITY
    const now = nowMs()
    if (now - lastMs < usedEveryMs || this.#recording.has(key)) return
    this.#recording.add(key)
    try {
      const body = JSON.stringify({ lastUsedAt: new Date(now).toISOString() })
      // A refusal, for example by a full disk, leaves the time as it is.
      await answer({ kind: 'write', noun: 'ApiKey', verb: 'update', id: key, body }, { who: 'system', via: 'system' })
    } catch {
      // A key that works is worth more than a record of its use.
    } finally {
      this.#recording.delete(key)
    }
  }

  /** Fails closed, as `#cut` does. */
  #cutVerbs(authority: Authority, capabilities: EntityFields[string] | undefined): Authority | undefined {
    if (capabilities === undefined) return authority
    try {
      return cutToCapabilities(authority, parseCapabilities(capabilities, this.#parts.nouns()))
    } catch (error) {
      if (error instanceof ObjectError) return undefined
      throw error
    }
  }

  /** Fails closed: scopes that cannot be read, for example since a Noun was removed, leave nothing. */
  #cut(authority: Authority, scopes: EntityFields[string] | undefined): Authority | undefined {
    if (typeof scopes !== 'string') return authority
    const schemas = this.#parts.nouns()
    try {
      return cutToScopes(authority, parseScopes(scopes, schemas), schemas)
    } catch (error) {
      if (error instanceof ObjectError) return undefined
      throw error
    }
  }
}

/** A key of the lowest level has a budget, so a trial has a limited size. */
function budgetOfLevel(key: string, level: EntityFields[string] | undefined): Budget | undefined {
  if (level !== sessionLevel) return undefined
  return { of: key, limits: { writes: sessionWritesPerDay }, changesPerCall: sessionChangesPerCall }
}

function authorityOfUser(id: string, { status, role }: EntityFields, roles: Roles): Authority | undefined {
  const known = status === 'Active' && typeof role === 'string' && Object.hasOwn(roles, role) ? roles[role] : undefined
  return known && authorityOfRole(known, id)
}

/** The agent acts with the person's rules, in which `$me` stays the person. */
function onBehalfOf({ who: person, nouns, others }: Authority, agent: string): Authority {
  const bind = (rule: RowRule): RowRule => (typeof rule === 'string' ? rule : withPrincipal(rule, person))
  const bound = (granted: NounAuthority): NounAuthority => ({
    ...granted,
    read: bind(granted.read),
    write: bind(granted.write),
  })
  return {
    who: agent,
    onBehalfOf: person,
    nouns: Object.fromEntries(Object.entries(nouns).map(([name, granted]) => [name, bound(granted)])),
    others: bound(others),
  }
}
