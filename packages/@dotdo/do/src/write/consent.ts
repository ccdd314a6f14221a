// Consent: finds the changes that need the consent of a person, by the tenant's rules of approval. A commit with such a change
// is refused as a whole, unless it is only tried or a person has approved it.

import {
  type ApprovalRule,
  type CallerKind,
  type EntityFields,
  type Filter,
  initialValue,
  isBusinessTime,
  isSameJson,
  type JsonValue,
  kindsOfChange,
  type NounSchema,
  ObjectError,
  parseFilter,
  rulesNoun,
  systemNoun,
  type VerbKind,
} from 'digital-objects'
import { delegatedWorkOf, directingField } from '../identity/delegated-work.ts'
import type { Keys } from '../identity/keys.ts'
import type { StoredVersion } from '../state/row-codec.ts'
import { influencedBy, type Origins } from '../state/origins.ts'
import { ruleHolds } from '../state/rule-holds.ts'
import type { RulesState } from '../state/rules-state.ts'
import type { SettingsState } from '../state/settings-state.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { TenantCatalog } from '../state/tenant-catalog.ts'
import type { Change } from './change.ts'

export interface ConsentParts {
  readonly rules: RulesState
  readonly settings: SettingsState
  readonly keys: Keys
  readonly sql: SqlStorage
  readonly state: StorageHandler
  readonly catalog: TenantCatalog
  readonly origins: Origins
}

/** A change that needs consent, and the rule that says so. */
export type ConsentReason = {
  readonly rule: string
  /** The verb: `Payment.refund`. */
  readonly call: string
  /** The entity. */
  readonly id: string
}

/** Refuses a commit that needs the consent of a person. */
export class ApprovalRequired extends ObjectError {
  readonly reasons: readonly ConsentReason[]

  constructor(reasons: readonly ConsentReason[]) {
    const calls = [...new Set(reasons.map(({ call }) => call))].join(', ')
    const rules = [...new Set(reasons.map(({ rule }) => `'${rule}'`))].join(', ')
    super({
      code: 'approval_required',
      message: `${calls} needs the approval of a person, by the rule ${rules}: nothing was changed`,
      detail: { reasons },
    })
    this.reasons = reasons
  }
}

/** `enforced` refuses a commit that needs consent, `noted` only says so, and `given` is for one that a person has approved. */
export type ConsentMode = 'enforced' | 'noted' | 'given'

interface Asked {
  readonly change: Change
  readonly caller: CallerKind
  readonly made: MadeVersion
}

/** The name of the rule that every tenant has. */
const misledRule = 'Agents that have read texts of strangers'
/** The name of the rule for principals that only propose. */
const supervisedRule = 'Supervised agents propose'

/** Reasons that are kept of a commit. */
const reasonsMax = 20

export interface MadeVersion {
  /** The fields before the change; undefined if the entity did not exist. */
  readonly before: EntityFields | undefined
  readonly next: StoredVersion
  readonly nowMs: number
}

export class Consent {
  readonly origins: Origins
  readonly #parts: ConsentParts
  #rules: readonly ApprovalRule[] | undefined
  /** The reasons of the commit in progress. Without them, a change is refused at once. */
  #noted: ConsentReason[] | undefined
  #mode: ConsentMode = 'enforced'

  constructor(parts: ConsentParts) {
    this.origins = parts.origins
    this.#parts = parts
  }

  /** Reads the rules again at the next change. Call it after a change of them, and after a rollback. */
  forget(): void {
    this.#rules = undefined
  }

  /** Runs the work of a commit, which reads and writes synchronously. Throws ApprovalRequired at its end. */
  during<Result>(
    mode: ConsentMode,
    work: () => Result,
  ): { readonly result: Result; readonly reasons: readonly ConsentReason[] } {
    const [noted, outer] = [this.#noted, this.#mode]
    const reasons: ConsentReason[] = []
    this.#noted = reasons
    this.#mode = mode
    try {
      const result = work()
      if (mode === 'enforced' && reasons.length > 0) throw new ApprovalRequired(reasons)
      return { result, reasons }
    } finally {
      this.#noted = noted
      this.#mode = outer
    }
  }

  /** Call it for each change before anything of it is written. Throws ApprovalRequired, or keeps the reason for the commit's end. */
  require(change: Change, made: MadeVersion): void {
    const { caller } = change
    if (this.#mode === 'given' || caller === undefined) return
    this.#rules ??= this.#parts.rules.values.approvals
    const asked = { change, caller, made }
    const rule = this.#rules.length === 0 ? undefined : this.#ruleFor(asked)
    const call = `${change.schema.name}.${change.kind === 'remove' ? 'delete' : change.verb.name}`
    const name = rule ?? (this.#isMisled(asked) ? misledRule : this.#ruleOfMode(change.actor, call))
    if (name === undefined) return
    const reason = { rule: name, call, id: made.next.id }
    if (this.#noted === undefined) throw new ApprovalRequired([reason])
    if (this.#noted.length < reasonsMax) this.#noted.push(reason)
  }

  /** Returns the name of the rule that applies to a change. A program changes no rules by itself while there are some. */
  #ruleFor(asked: Asked): string | undefined {
    if (asked.change.schema === rulesNoun && asked.caller !== 'person') return 'Rules are changed by people'
    return this.#rules?.find((rule) => this.#applies(rule, asked))?.name
  }

  /** Call it for a write that is no change of entities, before it does anything. Throws ApprovalRequired. */
  requireFor(
    kinds: readonly VerbKind[],
    by: Pick<Change, 'actor' | 'key' | 'onBehalfOf' | 'caller'> & { readonly call: string; readonly nowMs: number },
  ): void {
    const { caller, call, nowMs } = by
    if (caller === undefined) return
    this.#rules ??= this.#parts.rules.values.approvals
    const rule = this.#rules.find(
      (one) =>
        (one.types ?? one.verbs ?? one.where) === undefined &&
        (one.kinds === undefined || kinds.some((kind) => one.kinds?.includes(kind))) &&
        this.#isBy(one, { ...by, caller, nowMs }),
    )
    const isMisled = caller === 'agent' && this.#parts.origins.isInfluenced(influencedBy(by))
    const name = rule?.name ?? (isMisled ? misledRule : this.#ruleOfMode(by.actor, call))
    if (name !== undefined) throw new ApprovalRequired([{ rule: name, call, id: '' }])
  }

  /** Returns the name of the rule for one that proposes. Throws an ObjectError `forbidden` for one that only recommends. */
  #ruleOfMode(actor: string, call: string): string | undefined {
    const restraint = this.#parts.keys.identity?.restraintOf?.(actor)
    if (restraint === 'proposes') return supervisedRule
    if (restraint === undefined || this.#mode === 'noted') return undefined
    const message = `${call} is refused: the mode of ${actor} is Manual, so it only recommends; a dry run shows what would change`
    throw new ObjectError({ code: 'forbidden', message })
  }

  /** Whether an agent that has read texts of strangers calls a verb that reaches beyond the data. */
  #isMisled({ change, caller, made }: Asked): boolean {
    if (caller !== 'agent' || !this.#parts.origins.isInfluenced(influencedBy(change))) return false
    return this.#kindsOf(change, made).size > 0
  }

  #applies(rule: ApprovalRule, { change, caller, made }: Asked): boolean {
    const { types, verbs, kinds, where } = rule
    const { schema, verb } = change
    if (types?.includes(schema.name) === false || !this.#isBy(rule, { ...change, caller, nowMs: made.nowMs }))
      return false
    if (verbs !== undefined && !verbs.includes(change.kind === 'remove' ? 'delete' : verb.name)) return false
    if (kinds !== undefined && !kinds.some((kind) => this.#kindsOf(change, made).has(kind))) return false
    return where === undefined || this.#holds(schema, where, made.next)
  }

  /** Whether the rule is about such a caller at such a time. */
  #isBy(
    { callers, actors, hours }: ApprovalRule,
    by: Pick<Change, 'actor' | 'key' | 'onBehalfOf'> & { readonly caller: CallerKind; readonly nowMs: number },
  ): boolean {
    const { actor, key, onBehalfOf, caller, nowMs } = by
    if (callers?.includes(caller) === false) return false
    if (actors !== undefined && !actors.some((id) => id === actor || id === onBehalfOf || id === key)) return false
    return hours === undefined || isBusinessTime(this.#parts.settings.current, nowMs) === (hours === 'business')
  }

  /** The kinds of the change, and `grants` if it sets a field that gives rights or changes the system's own entities. */
  #kindsOf({ schema, verb, kind }: Change, { before, next }: MadeVersion): ReadonlySet<VerbKind> {
    const after = kind === 'remove' || kind === 'erase' ? undefined : next.fields
    const kinds = new Set(kindsOfChange({ schema, verb, before, after }))
    if (systemNoun(schema.name) !== undefined || this.#grants(schema, { before, after })) kinds.add('grants')
    return kinds
  }

  #grants(
    schema: NounSchema,
    { before, after }: { readonly before: EntityFields | undefined; readonly after: EntityFields | undefined },
  ): boolean {
    const { identity } = this.#parts.keys
    if (identity === undefined || after === undefined) return false
    const initial = (field: string): JsonValue => initialValue(schema, field)
    const work = delegatedWorkOf(identity, schema)
    if (work !== undefined && directingField(work, { before, after, initial }) !== undefined) return true
    const granting = identity.granting[schema.name] ?? []
    return granting.some((field) => !isSameJson(after[field] ?? null, before?.[field] ?? initial(field)))
  }

  /** A filter that a definition of today no longer has room for applies to everything, so that no change of one opens a rule. */
  #holds(schema: NounSchema, where: Readonly<Record<string, JsonValue>>, version: StoredVersion): boolean {
    const { state, sql, catalog } = this.#parts
    let filter: Filter
    try {
      filter = parseFilter(where, { schema, lookup: catalog.current.lookup })
    } catch (error) {
      if (error instanceof ObjectError) return true
      throw error
    }
    const point = {
      seq: undefined,
      table: (noun: string) => (state.hasTable(noun) ? state.table(noun) : undefined),
      hasList: (quoted: string) => state.hasList(quoted),
    }
    return ruleHolds(filter, { noun: schema.name, version }, { sql, point })
  }
}
