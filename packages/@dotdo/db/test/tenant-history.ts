// Generates a tenant's history: entities that are created, changed, deleted and restored. Its model is a plain map, and
// files have to agree with the model.

import type { Entity, EntityFields, JsonValue } from 'digital-objects'
import fc from 'fast-check'
import type { EntityRow } from '../src/parquet/entity-row.ts'
import { type Kind, kinds, nthId } from './tenant-nouns.ts'

/** One event, with the row that it produced. */
export interface Change {
  readonly kind: Kind
  readonly row: EntityRow
}

export const texts = [
  'a',
  'B',
  'b',
  'é',
  'e',
  'Ada Lovelace',
  'ada  lovelace-king',
  'zz',
  '𝔸',
  '\uFFFD',
  '\uE000',
  '😀',
  "it's",
  '%',
  'İstanbul',
  '١٢',
  '東京都庁の建物',
  'ภาษาไทย',
  '고객지원 e',
  // Around the length at which statistics are truncated.
  'x'.repeat(64),
  `${'x'.repeat(64)}a`,
  `${'x'.repeat(63)}é`,
  '\u{10FFFF}'.repeat(17),
  `${'\uFFFF'.repeat(30)}b`,
]
export const numbers = [
  0,
  1,
  -1,
  0.1,
  0.30000000000000004,
  1e21,
  2 ** 53 + 2,
  107711449703316670,
  5e-324,
  -1.5,
  42,
  Number.MAX_VALUE,
]
/** The same timestamps in several notations, as callers write them. */
export const moments = [
  '2026-01-15T10:00:00Z',
  '2026-01-15T12:00:00+02:00',
  '1969-12-31T23:59:59.999Z',
  '2030-06-01T00:00:00.5Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
]
export const dates = ['2026-01-15', '2026-02-28', '1999-12-31', '0000-01-01', '9999-12-31']
export const jsonValues: readonly JsonValue[] = [
  null,
  true,
  false,
  1,
  0,
  107711449703316670,
  0.1,
  '1',
  'true',
  'a',
  '😀',
  [],
  ['a'],
  { b: null },
  { b: 1 },
  { b: 'a', c: [1] },
]
export const actors = ['user_000000000001', 'user_000000000002', 'anonymous']

const text = fc.constantFrom(...texts)
const number = fc.constantFrom(...numbers)
const moment = fc.constantFrom(...moments).map((value) => new Date(value).toISOString())
const date = fc.constantFrom(...dates)
const metadata = fc.oneof(
  fc.dictionary(fc.constantFrom('a', 'b', 'x-y', '$k'), fc.constantFrom(...jsonValues), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
  fc.constantFrom(...jsonValues.filter((value) => value !== null)),
)

/** A reference to the n-th entity of a Noun, modulo the number of entities at that point. */
interface Pick {
  readonly pick: Kind
  readonly at: number
}
/** A list of references. */
interface Picks {
  readonly picks: readonly Pick[]
}
type FieldPlan = JsonValue | Pick | Picks | undefined

const pickOf = (kind: Kind) => fc.record({ pick: fc.constant(kind), at: fc.nat(30) }, { noNullPrototype: true })
const maybe = (value: fc.Arbitrary<FieldPlan>) => fc.option(value, { nil: undefined, freq: 3 })
const fieldPlans: Readonly<Record<Kind, fc.Arbitrary<Readonly<Record<string, FieldPlan>>>>> = {
  Organization: fc.record({
    name: text,
    industry: maybe(text),
    employeeCount: maybe(number),
    metadata: maybe(metadata),
  }),
  Contact: fc.record({
    name: text,
    title: maybe(text),
    leadScore: maybe(number),
    lastEngagement: maybe(moment),
    stage: maybe(fc.constantFrom('Lead', 'Qualified', 'Customer')),
    organization: maybe(pickOf('Organization')),
    manager: maybe(pickOf('Contact')),
    metadata: maybe(metadata),
    tags: maybe(fc.array(text, { minLength: 1, maxLength: 4 })),
    scores: maybe(fc.array(number, { minLength: 1, maxLength: 4 })),
    friends: maybe(fc.array(pickOf('Contact'), { minLength: 1, maxLength: 3 }).map((picks) => ({ picks }))),
  }),
  Deal: fc.record({
    name: text,
    value: number,
    expectedCloseDate: maybe(date),
    closedAt: maybe(moment),
    organization: maybe(pickOf('Organization')),
    contact: maybe(pickOf('Contact')),
    owner: maybe(fc.oneof(pickOf('Organization'), pickOf('Contact'))),
  }),
  Activity: fc.record({
    subject: text,
    allDay: maybe(fc.boolean()),
    day: maybe(date),
    contact: maybe(pickOf('Contact')),
    deal: maybe(pickOf('Deal')),
  }),
}

type Step = {
  readonly verb: 'create' | 'update' | 'delete' | 'restore'
  readonly kind: Kind
  readonly at: number
  readonly actor: string
  readonly fields: Readonly<Record<string, FieldPlan>>
}

const step: fc.Arbitrary<Step> = fc.constantFrom(...kinds, 'Contact', 'Contact', 'Deal').chain((kind) =>
  fc.record({
    verb: fc.constantFrom('create', 'create', 'create', 'update', 'update', 'delete', 'restore'),
    kind: fc.constant(kind),
    at: fc.nat(30),
    actor: fc.constantFrom(...actors),
    fields: fieldPlans[kind],
  }),
)

/** The changes of a tenant in order of `seq`, which starts at 1. */
export function anyHistory(size: { readonly min: number; readonly max: number }): fc.Arbitrary<readonly Change[]> {
  return fc.array(step, { minLength: size.min, maxLength: size.max, size: 'max' }).map(replay)
}

function replay(steps: readonly Step[]): readonly Change[] {
  const rows = new Map<Kind, EntityRow[]>(kinds.map((kind) => [kind, []]))
  const of = (kind: Kind): EntityRow[] => rows.get(kind) ?? []
  const changes: Change[] = []
  for (const { verb, kind, at, actor, fields: plan } of steps) {
    const own = of(kind)
    const seq = changes.length + 1
    const updatedAtMs = Date.UTC(2026, 0, 1) + Math.floor(seq / 3) * 1_000 // some events share a timestamp
    const candidates = own.filter((row) => row.isDeleted === (verb === 'restore'))
    const before = verb === 'create' ? undefined : candidates[at % Math.max(candidates.length, 1)]
    if (verb !== 'create' && before === undefined) continue
    const fields = verb === 'create' || verb === 'update' ? fieldsOf(plan, of) : (before?.fields ?? {})
    const row: EntityRow =
      before === undefined
        ? {
            id: nthId(kind, own.length),
            version: 1,
            createdAtMs: updatedAtMs,
            createdBy: actor,
            updatedAtMs,
            seq,
            isDeleted: false,
            fields,
          }
        : { ...before, version: before.version + 1, updatedAtMs, seq, isDeleted: verb === 'delete', fields }
    rows.set(kind, [...own.filter(({ id }) => id !== row.id), row])
    changes.push({ kind, row })
  }
  return changes
}

function fieldsOf(plan: Readonly<Record<string, FieldPlan>>, of: (kind: Kind) => readonly EntityRow[]): EntityFields {
  const fields: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(plan)) {
    if (value === undefined) continue
    const picked = idsPicked(value, of)
    if (picked === undefined) fields[name] = value as JsonValue // it picks nothing
    else if (isPlan(value, 'pick') && picked[0] !== undefined) fields[name] = picked[0]
    else if (isPlan(value, 'picks') && picked.length > 0) fields[name] = picked
  }
  return fields
}

/** Undefined for a plain value. Some targets are deleted: a reference outlives its target. */
function idsPicked(
  plan: NonNullable<FieldPlan> | null,
  of: (kind: Kind) => readonly EntityRow[],
): readonly string[] | undefined {
  if (isPlan(plan, 'picks')) return plan.picks.flatMap((pick) => idsPicked(pick, of) ?? [])
  if (!isPlan(plan, 'pick')) return undefined
  const targets = of(plan.pick)
  return targets
    .slice(plan.at % Math.max(targets.length, 1))
    .map(({ id }) => id)
    .slice(0, 1)
}

function isPlan<Key extends 'pick' | 'picks'>(value: FieldPlan, key: Key): value is Key extends 'pick' ? Pick : Picks {
  return typeof value === 'object' && value !== null && key in value
}

/** Live entities at the end of a history, by id. */
export type World = ReadonlyMap<string, { readonly row: EntityRow; readonly entity: Entity }>

export function worldOf(changes: readonly Change[]): World {
  const world = new Map<string, { readonly row: EntityRow; readonly entity: Entity }>()
  for (const { kind, row } of changes) {
    if (row.isDeleted) world.delete(row.id)
    else world.set(row.id, { row, entity: rowToEntity(kind, row) })
  }
  return world
}

export function rowToEntity(noun: string, row: EntityRow): Entity {
  return {
    $type: noun,
    $id: row.id,
    $context: 'http://localhost/~acme',
    $version: row.version,
    $createdAt: new Date(row.createdAtMs).toISOString(),
    $createdBy: row.createdBy,
    $updatedAt: new Date(row.updatedAtMs).toISOString(),
    ...row.fields,
  }
}
