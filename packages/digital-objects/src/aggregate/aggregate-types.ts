// The types of an aggregate's options and of its groups, derived from a Noun.

import type { FieldKind, ValueOfText } from '../noun/field-text.ts'
import type { FieldsOf, JsonKey, ListKey, RelationKey, StoredKey } from '../noun/entity-types.ts'
import type { AggregateFunction, TimeBucket } from './aggregate.ts'

type SingleKey<Type> = Exclude<StoredKey<FieldsOf<Type>>, ListKey<FieldsOf<Type>>>

type KeyOfKind<Type, Kind extends string> = {
  [Key in SingleKey<Type>]: FieldsOf<Type>[Key] extends `${Kind}${string}` ? Key : never
}[SingleKey<Type>]

type TimeKey<Type> = KeyOfKind<Type, 'date'> | '$createdAt' | '$updatedAt'
type NumberKey<Type> = KeyOfKind<Type, 'number' | 'integer' | 'money'> | '$version'
type FarPath<Type> = `${RelationKey<FieldsOf<Type>> | JsonKey<FieldsOf<Type>>}.${string}`
type MetaKey = '$id' | '$version' | '$createdBy'

/** `'stage'`, `'month(closedAt)'`, `'organization.industry'`. */
export type GroupText<Type> =
  | SingleKey<Type>
  | MetaKey
  | `${TimeBucket}(${TimeKey<Type> | FarPath<Type>})`
  | FarPath<Type>

/** `'value'`, `'price.amount'`, or an expression such as `'value*probability/100'`, which the server checks. */
export type ValueText<Type> = NumberKey<Type> | FarPath<Type> | `${string}${'+' | '-' | '*' | '/' | '('}${string}`

/** The values of `min`, `max` and `distinct` need be no numbers. */
type AnyValueText<Type> = ValueText<Type> | SingleKey<Type> | TimeKey<Type> | MetaKey

type Texts<Text> = Text | readonly Text[]

export interface AggregateInput<Type> {
  readonly by?: Texts<GroupText<Type>> | undefined
  readonly sum?: Texts<ValueText<Type>> | undefined
  readonly avg?: Texts<ValueText<Type>> | undefined
  readonly median?: Texts<ValueText<Type>> | undefined
  readonly min?: Texts<AnyValueText<Type>> | undefined
  readonly max?: Texts<AnyValueText<Type>> | undefined
  readonly distinct?: Texts<AnyValueText<Type>> | undefined
  /** The time zone in which days, weeks, months, quarters and years begin; UTC by default. */
  readonly zone?: string | undefined
  /** Names of groups, `count` or values, such as `-sum(value)`; by default the order of `by`. */
  readonly sort?: Texts<string> | undefined
  /** The most groups to return: 1,000 by default, at most 10,000. */
  readonly limit?: number | undefined
}

type TextOf<Given> = Given extends readonly (infer Text)[] ? Text & string : Given & string

type ByOf<Input> = Input extends { readonly by: infer By } ? TextOf<By> : never

/** A group: `{ by: { stage: 'Won' }, count: 3, sum: { value: 1200 } }`. */
export type AggregateGroup<Type, Input> = {
  readonly by: { readonly [Name in ByOf<Input>]: GroupValue<Type, Name> }
  readonly count: number
} & {
  readonly [Kind in keyof Input & AggregateFunction]: {
    readonly [Name in TextOf<Input[Kind]>]: MeasureValue<Type, Kind, Name>
  }
}

/** Null for entities without a value. The type at the end of a path is unknown. */
type GroupValue<Type, Name extends string> = Name extends `${TimeBucket}(${string})`
  ? string | null
  : Name extends SingleKey<Type>
    ? FieldValue<Type, Name> | null
    : Name extends '$version'
      ? number
      : Name extends `$${string}`
        ? string
        : string | number | boolean | null

type MeasureValue<Type, Kind, Name extends string> = Kind extends 'sum' | 'distinct'
  ? number
  : Kind extends 'min' | 'max'
    ? Name extends SingleKey<Type>
      ? FieldValue<Type, Name> | null
      : Name extends '$createdAt' | '$updatedAt' | '$id' | '$createdBy'
        ? string | null
        : number | null
    : number | null

type FieldValue<Type, Name extends SingleKey<Type>> =
  FieldKind<FieldsOf<Type>[Name]> extends 'reference' ? string : ValueOfText<FieldsOf<Type>[Name]>
