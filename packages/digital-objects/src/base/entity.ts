// An entity on the wire: its meta-fields, which callers never set, and the values of its Noun's fields.

export interface EntityMeta {
  readonly $type: string
  readonly $id: string
  /** The tenant's URL. */
  readonly $context: string
  /** Starts at 1 and grows by 1 with each change. */
  readonly $version: number
  /** RFC 3339, milliseconds, UTC. */
  readonly $createdAt: string
  readonly $createdBy: string
  readonly $updatedAt: string
}

export const metaFieldNames = [
  '$type',
  '$id',
  '$context',
  '$version',
  '$createdAt',
  '$createdBy',
  '$updatedAt',
] as const
export type MetaFieldName = (typeof metaFieldNames)[number]

export type Scalar = string | number | boolean
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** Values of the stored fields. A field without a value is absent. */
export type EntityFields = Readonly<Record<string, JsonValue>>

/** An entity whose Noun is known only at run time. */
export type Entity = EntityMeta & { readonly [field: string]: JsonValue }
