// The fields that a form offers of a type, with the values that each may take, by the rules of its definition: the states in which a
// record may begin, those to which its state leads, and fields that only verbs set. The server decides in the end.

import type { NounDefinition } from '@headlessly/sdk'
import type { Entity } from './entity.ts'

interface OfferedField {
  readonly name: string
  readonly kind: string
  readonly values?: readonly string[]
  readonly default?: unknown
}

/** The parts of a type's description by which its forms are made. */
export interface OfferingNoun<Field extends OfferedField = OfferedField> {
  readonly fields: readonly Field[]
  readonly verbs: readonly { readonly verb: string; readonly systemOnly?: boolean; readonly isForbidden?: boolean }[]
  readonly state?: string
  readonly strict: boolean
  readonly transitions: readonly { readonly from: readonly string[]; readonly verb: string; readonly to: string }[]
  readonly definition?: Pick<NounDefinition, 'frozen'>
}

type FrozenRule = NonNullable<NounDefinition['frozen']>[number]

/** The fields that a new record may be given. */
export function fieldsOfNew<Field extends OfferedField>(info: OfferingNoun<Field>): readonly Field[] {
  const never = new Set(rulesOf(info).flatMap((rule) => (rule.onCreate === true ? (rule.fields ?? []) : [])))
  return info.fields
    .filter(({ name, kind }) => kind !== 'reverse' && !never.has(name))
    .map((field) => (field.name === info.state ? withValues(field, beginnings(info, field)) : field))
}

/** The field as it may be changed in this record; undefined if only verbs change it. */
export function changeableField<Field extends OfferedField>(
  info: OfferingNoun,
  field: Field,
  entity: Entity,
): Field | undefined {
  if (rulesOf(info).some((rule) => rule.fields?.includes(field.name) === true && holds(rule, entity))) return undefined
  return field.name === info.state ? withValues(field, followers(info, field, entity)) : field
}

/** Whether a record may be deleted in its state. */
export function isDeletable(info: OfferingNoun, entity: Entity): boolean {
  return !rulesOf(info).some((rule) => rule.delete === true && holds(rule, entity))
}

function rulesOf({ definition }: OfferingNoun): readonly FrozenRule[] {
  return definition?.frozen ?? []
}

/** A reference may be included, and then its state is known. */
function holds({ while: state }: FrozenRule, entity: Entity): boolean {
  if (state === undefined) return true
  const [first = '', name] = state.field.split('.')
  const value = entity[first]
  const found: unknown =
    name === undefined ? value : typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return state.values.includes(String(found))
}

function withValues<Field extends OfferedField>(field: Field, values: readonly string[]): Field {
  return { ...field, values }
}

function isGuide({ transitions, strict }: OfferingNoun): boolean {
  return transitions.length === 0 || !strict
}

/** The default, the targets of creations, and values that the table does not name, which stand like the default. */
function beginnings(info: OfferingNoun, { values = [], default: usual }: OfferedField): readonly string[] {
  if (isGuide(info)) return values
  const named = new Set(info.transitions.flatMap(({ from, to }) => [...from, to]))
  const starts = new Set(
    info.transitions.flatMap(({ from, verb, to }) => (from.length === 0 && verb === 'create' ? to : [])),
  )
  return values.filter((value) => value === usual || starts.has(value) || (usual !== undefined && !named.has(value)))
}

/** The state itself, and each to which a verb leads that the caller may call. */
function followers(
  info: OfferingNoun,
  { name, values = [], default: usual }: OfferedField,
  entity: Entity,
): readonly string[] {
  if (isGuide(info)) return values
  const named = new Set(info.transitions.flatMap(({ from, to }) => [...from, to]))
  const standIn = (value: string): string => (named.has(value) ? value : String(usual ?? value))
  const now = String(entity[name] ?? usual ?? '')
  const closed = new Set(
    info.verbs.filter((one) => one.systemOnly === true || one.isForbidden === true).map(({ verb }) => verb),
  )
  const targets = new Set(
    info.transitions.flatMap(({ from, verb, to }) => (from.includes(standIn(now)) && !closed.has(verb) ? to : [])),
  )
  return values.filter((value) => value === now || standIn(value) === standIn(now) || targets.has(standIn(value)))
}
