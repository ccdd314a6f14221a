// The rights of each role of the tenant, from the one entity of the system's own Noun `Rules`: now, and at any earlier `seq`.

import { completeRoles, type Roles, rulesNoun } from 'digital-objects'
import { OneEntity } from './one-entity.ts'
import type { StorageHandler } from './storage-handler.ts'

export class RulesState extends OneEntity<Roles> {
  constructor(parts: { readonly sql: SqlStorage; readonly state: StorageHandler }) {
    super(rulesNoun, parts)
  }

  /** All roles, including the built-in ones. */
  get current(): Roles {
    return completeRoles(this.stored()?.values ?? {})
  }

  /** Returns all roles after an event. */
  at(seq: number): Roles {
    return completeRoles(this.storedAt(seq)?.values ?? {})
  }
}
