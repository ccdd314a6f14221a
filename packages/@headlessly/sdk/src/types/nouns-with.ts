// The Nouns of a client that was given some: the built-in ones, the given ones beside them or in their place, and on each
// the inverses of references that lead to it.

import type { FieldTexts, InverseOf, IsUnique, ReferenceTargets } from 'digital-objects'
import type { Nouns, NounValue } from './noun-of.ts'

export type NounsWith<Given extends readonly NounValue[]> = {
  readonly [Name in keyof Nouns | keyof ByName<Given>]: WithInverses<
    NounNamed<Name, ByName<Given>>,
    PairOf<ByName<Given>> | (Name extends keyof Nouns ? never : AnyPair)
  >
}

/** The references of built-in Nouns to any Noun, whose inverses all other Nouns have. */
type AnyPair = Extract<PairOf<Nouns>, { readonly to: '*' }>

type ByName<Given extends readonly NounValue[]> = { readonly [One in Given[number] as One['$name']]: One }

type NounNamed<Name, Given> = Name extends keyof Given ? Given[Name] : Name extends keyof Nouns ? Nouns[Name] : never

/** A reference of a given Noun, and the inverse that it names. */
interface Pair {
  readonly noun: string
  readonly field: string
  readonly to: string
  readonly inverse: string
  readonly isOneToOne: boolean
}

type PairOf<Given> = {
  [Name in keyof Given & string]: Given[Name] extends { readonly $definition: infer Fields extends FieldTexts }
    ? PairOfFields<Name, Fields>
    : never
}[keyof Given & string]
type PairOfFields<Name extends string, Fields extends FieldTexts> = {
  [Field in keyof Fields & string]: Fields[Field] extends `->${string}`
    ? {
        readonly noun: Name
        readonly field: Field
        readonly to: ReferenceTargets<Fields[Field]>
        readonly inverse: InverseOf<Fields[Field]>
        readonly isOneToOne: IsUnique<Fields[Field]>
      }
    : never
}[keyof Fields & string]

/** `{ vehicles: '<- Vehicle.owner[]' }` at Organization, for `owner: '-> Organization.vehicles'` of a Vehicle. */
type InversesAt<Name extends string, Pairs extends Pair> = {
  readonly [
    One in Pairs as '*' extends One['to'] ? One['inverse'] : Name extends One['to'] ? One['inverse'] : never
  ]: `<- ${One['noun']}.${One['field']}${One['isOneToOne'] extends true ? '' : '[]'}`
}

type WithInverses<One, Pairs extends Pair> = One extends {
  readonly $name: infer Name extends string
  readonly $definition: infer Fields
}
  ? [keyof InversesAt<Name, Pairs>] extends [keyof Fields]
    ? One
    : { readonly $name: Name; readonly $definition: InversesAt<Name, Pairs> & Fields }
  : never
