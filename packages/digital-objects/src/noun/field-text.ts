// The grammar of field texts at compile time. `parse-field.ts` parses it at run time; type tests and generated definitions
// show that both agree.

import type { DataType } from './schema.ts'
import type { JsonValue } from '../base/entity.ts'

/** `' Lead '` -> `'Lead'`. */
export type Trim<Text extends string> = Text extends ` ${infer Rest}`
  ? Trim<Rest>
  : Text extends `${infer Rest} `
    ? Trim<Rest>
    : Text

/** `'number! = 0'` -> `'number!'`. */
type WithoutDefault<Text extends string> = Text extends `${infer Head}=${string}` ? Trim<Head> : Trim<Text>

/** `'email?## personal'` -> `'email?##'`. */
type WithoutMarker<Text extends string> = Text extends `${infer Head} ${'personal' | 'merged'}`
  ? WithoutMarker<Trim<Head>>
  : Text

/** `'email?##'` -> `'email?'`. */
type WithoutIndex<Text extends string> = Text extends `${infer Head}##`
  ? Trim<Head>
  : Text extends `${infer Head}#`
    ? Trim<Head>
    : Text

/** `'email?'` -> `'email'`. */
type WithoutPresence<Text extends string> = Text extends `${infer Head}${'!' | '?'}` ? Trim<Head> : Text

/** `'email?## personal = a@b.c'` -> `'email'`. */
type Base<Text extends string> = WithoutPresence<WithoutIndex<WithoutMarker<WithoutDefault<Text>>>>

/** Whether the field holds a list: `'string[]! #'`, `'(A | B)[]'`. */
export type IsList<Text extends string> = Base<Text> extends `${string}[]` ? true : false

/** `'integer(0..100)[]! = [1]'` -> `'integer(0..100)'`. */
type Item<Text extends string> = Base<Text> extends `${infer Head}[]` ? Trim<Head> : Base<Text>

/** `'integer(0..100)! = 1'` -> `'integer'`. */
type TypeWord<Text extends string> = Item<Text> extends `${infer Word}(${string})` ? Trim<Word> : Item<Text>

/** Types that a list can hold. */
type ListedType = 'string' | 'number' | 'integer' | 'url' | 'email' | 'id'

/** `'(A | B)'` -> `'A | B'`. */
type WithoutParentheses<Text extends string> = Text extends `(${infer Inner})` ? Trim<Inner> : Text

/** `'Lead | Qualified'` -> `'Lead' | 'Qualified'`. */
type EnumValues<Text extends string> = Text extends `${infer Head}|${infer Rest}`
  ? Trim<Head> | EnumValues<Rest>
  : Trim<Text>

/** `'-> User | Contact.deals!'` -> `'User' | 'Contact'`. */
export type ReferenceTargets<Text extends string> = Text extends `->${infer Targets}`
  ? TargetName<EnumValues<Item<Targets>>>
  : never
type TargetName<Text extends string> = Text extends `${infer Name}.${string}` ? Name : Text

/** `'-> User | Organization.cars!'` -> `'cars'`; never if the reference names no inverse. */
export type InverseOf<Text extends string> = Text extends `->${infer Targets}`
  ? InverseName<EnumValues<Item<Targets>>>
  : never
/** Whether a reference is one-to-one: `'-> Contact.customer##'`. */
export type IsUnique<Text extends string> = Text extends `${string}##${string}` ? true : false
type InverseName<Target extends string> = Target extends `${string}.${infer Inverse}` ? Inverse : never

/** `'<- Deal.contact[]'` -> `'Deal'`. */
export type ReverseSource<Text extends string> = Text extends `<-${infer Source}`
  ? Trim<Source> extends `${infer Name}.${string}`
    ? Name
    : never
  : never

/** Whether `'<- Deal.contact[]'` is a list. */
export type IsMany<Text extends string> = Text extends `${string}[]` ? true : false

interface DataValues {
  string: string
  text: string
  number: number
  integer: number
  money: number
  boolean: boolean
  datetime: string
  date: string
  json: JsonValue
  url: string
  email: string
  currency: string
  id: string
}

/** Texts without spaces, ranges, lists or defaults. Most are, so the compiler looks them up instead of parsing them. */
type PlainText = `${DataType}${'' | '!' | '?'}${'' | '#' | '##'}`

/** Tells whether a text declares a field, a relation or a verb. */
export type FieldKind<Text> = Text extends null
  ? 'disabled'
  : Text extends PlainText
    ? 'data'
    : Text extends `->${string}`
      ? 'reference'
      : Text extends `<-${string}`
        ? 'reverse'
        : Text extends string
          ? Base<Text> extends `${string}|${string}`
            ? 'enum'
            : TypeWord<Text> extends (IsList<Text> extends true ? ListedType : DataType)
              ? 'data'
              : Text extends Capitalize<Text>
                ? Text extends Uncapitalize<Text>
                  ? 'wrong'
                  : 'verb'
                : 'wrong'
          : 'wrong'

/** `'number!'` -> `number`; `'Lead | Qualified'` -> `'Lead' | 'Qualified'`; `'string[]'` -> `readonly string[]`. */
export type ValueOfText<Text> = Text extends string
  ? IsList<Text> extends true
    ? readonly ItemOfText<Text>[]
    : ItemOfText<Text>
  : never

/** The type of the value, or of each value of a list: `'-> Tag[]'` -> `string`. */
export type ItemOfText<Text extends string> =
  FieldKind<Text> extends 'data'
    ? TypeWord<Text> extends infer Type extends DataType
      ? DataValues[Type]
      : never
    : FieldKind<Text> extends 'enum'
      ? EnumValues<WithoutParentheses<Item<Text>>>
      : string

/** Whether every entity has a value: `!`, a default, or a state field, which defaults to its first value. */
export type IsAlways<Name, Text> = Text extends `${string}!${string}` | `${string}=${string}`
  ? true
  : Name extends 'stage' | 'status'
    ? FieldKind<Text> extends 'enum'
      ? true
      : false
    : false

/** Whether `create` requires a value: `!` without a default. */
export type IsRequired<Name, Text> = Text extends `${string}=${string}`
  ? false
  : Text extends `${string}!${string}`
    ? Name extends 'stage' | 'status'
      ? FieldKind<Text> extends 'enum'
        ? false
        : true
      : true
    : false

/** The expected type of a wrong text, so that the compiler's error contains this sentence. */
export type UnknownField<Text extends string> =
  `no field type '${Base<Text>}'; expected string, text, number, integer, money, boolean, datetime, date, json, url, email, currency, id, an enum 'A | B', a list 'string[]', a relation '-> Noun' or '<- Noun.field', or a verb's event such as 'Qualified'`
export type NullField<Name extends string> = `only create, update and delete can be disabled with null, not '${Name}'`

/** The text itself if it is right, or else a sentence that explains the mistake. */
export type CheckedText<Name, Text> = string extends Text
  ? // A definition that is known only at run time is checked at run time.
    Text
  : Text extends null
    ? Name extends 'create' | 'update' | 'delete'
      ? Text
      : NullField<Name & string>
    : FieldKind<Text> extends 'wrong'
      ? UnknownField<Text & string>
      : Text
