// What the mirrors of single types of objects need of the whole.

import type { ObjectParts } from '@dotdo/service'
import type { MirrorWrite } from './mirror-write.ts'
import type { Values } from './object-fields.ts'
import type { ObjectName, ObjectRow } from './object-table.ts'
import type { StripeApi, StripeObject } from './stripe-api.ts'

export interface Mirroring {
  readonly parts: ObjectParts
  readonly api: StripeApi
  /** Returns the id of the entity that stands for an object. */
  readonly entityOf: (object: ObjectName, stripeId: string) => string | undefined
  /** The same, or an entity of ours for which the object was created, before our own commit says so. */
  readonly linkedEntity: (row: ObjectRow, object: StripeObject) => string | undefined
  /** The values that the object says, with references as ids of entities. */
  readonly valuesOf: (row: ObjectRow, object: StripeObject) => Values
  readonly write: (asked: MirrorWrite) => Promise<string>
  /** Invoices by their payments, as far as this run has learned them. */
  readonly invoicesOf: Map<string, string>
  /** Makes the entity of an object if there is none. Throws an Unsupported if there is none then. */
  readonly ensure: (object: ObjectName, stripeId: string, depth: number) => Promise<void>
  /** Fetches an object, and brings its entity to that state. */
  readonly refresh: (object: ObjectName, stripeId: string, depth: number) => Promise<unknown>
}
