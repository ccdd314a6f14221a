// An entity as JSON, as the log, answers and broadcasts share it: meta-fields first, then its fields in the order of the
// definition, without `$context`. The log stores less than that, and makes the same string again when it is read.

import { type EntityFields, type JsonValue } from 'digital-objects'

export interface EntityHead {
  readonly noun: string
  readonly id: string
  readonly version: number
  readonly createdAt: string
  readonly createdBy: string
  readonly updatedAt: string
}

export function entityToText(head: EntityHead, fields: EntityFields): string {
  return joinText(head, JSON.stringify(fields))
}

/** Joins the meta-fields and the JSON of the fields. */
export function joinText(head: EntityHead, fieldsText: string): string {
  const { noun, id, version, createdAt, createdBy, updatedAt } = head
  const meta =
    `{"$type":"${noun}","$id":"${id}","$version":${version},"$createdAt":"${createdAt}",` +
    `"$createdBy":${JSON.stringify(createdBy)},"$updatedAt":"${updatedAt}"`
  return fieldsText === '{}' ? `${meta}}` : `${meta},${fieldsText.slice(1)}`
}

/** Parses what `entityToText` made. */
export function parseEntityText(text: string): Omit<EntityHead, 'noun'> & { readonly fields: EntityFields } {
  const {
    $type: _,
    $id,
    $version,
    $createdAt,
    $createdBy,
    $updatedAt,
    ...fields
  } = JSON.parse(text) as {
    readonly [field: string]: JsonValue
  }
  return {
    id: String($id),
    version: Number($version),
    createdAt: String($createdAt),
    createdBy: String($createdBy),
    updatedAt: String($updatedAt),
    fields,
  }
}

/** What an event changed, in both forms. */
export interface EventChanges {
  /** `{"field":{"from":…,"to":…}}`, where null stands for no value. */
  readonly changes: string
  /** The new values only: `{"field":…}`, or a list of that and the removed fields. */
  readonly patch: string
}

export function changesBetween(before: EntityFields, after: EntityFields): EventChanges {
  const changes: Record<string, { from: unknown; to: unknown }> = {}
  const set: Record<string, JsonValue> = {}
  const removed: string[] = []
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [from, to] = [before[field], after[field]]
    if (isSame(from, to)) continue
    changes[field] = { from: from ?? null, to: to ?? null }
    if (to === undefined) removed.push(field)
    else set[field] = to
  }
  return {
    changes: JSON.stringify(changes),
    patch: JSON.stringify(removed.length === 0 ? set : [set, ...removed]),
  }
}

function isSame(from: JsonValue | undefined, to: JsonValue | undefined): boolean {
  if (from === to) return true
  return typeof from === 'object' && typeof to === 'object' && JSON.stringify(from) === JSON.stringify(to)
}

/** Returns the fields after the changes of a patch. `order` lists the fields of the definition. */
export function applyPatch(before: EntityFields, patch: string, order: readonly string[]): EntityFields {
  const { set, removed } = parsePatch(patch)
  const after: Record<string, JsonValue> = {}
  for (const field of order) {
    const value = Object.hasOwn(set, field) ? set[field] : removed.includes(field) ? undefined : before[field]
    if (value !== undefined) after[field] = value
  }
  return after
}

export function parsePatch(patch: string): {
  readonly set: Readonly<Record<string, JsonValue>>
  readonly removed: readonly string[]
} {
  const parsed = JSON.parse(patch) as Record<string, JsonValue> | [Record<string, JsonValue>, ...string[]] // by `changesBetween`
  if (!Array.isArray(parsed)) return { set: parsed, removed: [] }
  const [set, ...removed] = parsed
  return { set, removed }
}
