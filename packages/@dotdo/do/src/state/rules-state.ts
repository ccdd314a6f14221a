// The rules of the tenant, from the one entity of the system's own Noun `Rules`: the rights of each role, now and at any earlier
// `seq`, and the rules of approval.

import { type ApprovalRule, completeRoles, type Role, type Roles, rulesNoun } from 'digital-objects'
import { OneEntity } from './one-entity.ts'
import type { StorageHandler } from './storage-handler.ts'

/** Roles by name, and the rules of approval under a name that no role can have. */
export type StoredRules = Readonly<Record<string, Role>> & { readonly [approvals]?: readonly ApprovalRule[] }

const approvals = '$approvals'

export interface RulesValues {
  /** The roles that the tenant has set. */
  readonly roles: Roles
  readonly approvals: readonly ApprovalRule[]
}

export class RulesState extends OneEntity<StoredRules> {
  constructor(parts: { readonly sql: SqlStorage; readonly state: StorageHandler }) {
    super(rulesNoun, parts)
  }

  /** All roles, including the built-in ones. */
  get current(): Roles {
    return completeRoles(this.values.roles)
  }

  get values(): RulesValues {
    return toRulesValues(this.stored()?.values ?? {})
  }

  /** Returns all roles and the rules of approval after an event. */
  at(seq: number): RulesValues {
    const { roles, ...rest } = toRulesValues(this.storedAt(seq)?.values ?? {})
    return { roles: completeRoles(roles), ...rest }
  }
}

export function toRulesValues({ [approvals]: rules = [], ...roles }: StoredRules): RulesValues {
  return { roles, approvals: rules }
}

export function toStoredRules(values: RulesValues): StoredRules {
  return { ...values.roles, ...(values.approvals.length === 0 ? {} : { [approvals]: values.approvals }) } as StoredRules
}
