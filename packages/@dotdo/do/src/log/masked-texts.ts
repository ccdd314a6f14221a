// Removes personal values from the texts of an event, in each form in which they are stored. Texts that were masked before
// stay as they are, and the texts that the log makes of masked rows equal the masked texts that it made before.

import { erasedValue, isSameJson, type JsonValue, type PersonalMarks } from 'digital-objects'
import { parsePatch } from './entity-text.ts'

/** The entity whose personal values are removed. */
export interface Masked {
  readonly marks: PersonalMarks
  readonly id: string
}

export interface StoredTexts {
  readonly data: string
  readonly changes: string | null
}

type Values = Readonly<Record<string, JsonValue>>

/** The texts of a row of the log, or of an event as it is read. `isPatch` tells how the row holds its changes. */
export function maskTexts({ data, changes }: StoredTexts, masked: Masked & { readonly isPatch: boolean }): StoredTexts {
  const maskChanges = masked.isPatch ? maskPatch : maskDifferences
  return {
    data: data === '' ? data : maskValues(data, masked),
    changes: changes === null || changes === '' ? changes : maskChanges(changes, masked),
  }
}

/** Fields as JSON, or a whole entity, whose meta-fields are no fields of the Noun. */
function maskValues(text: string, masked: Masked): string {
  const values = JSON.parse(text) as Values // written by the log
  const names = Object.keys(values)
  if (!names.some((name) => masked.marks.values.has(name))) return text
  return JSON.stringify(Object.fromEntries(names.flatMap((name) => maskedEntry(name, values[name], masked))))
}

function maskedEntry(name: string, value: JsonValue | undefined, masked: Masked): readonly [string, JsonValue][] {
  const left = value === undefined ? undefined : erasedValue(value, { ...masked, name })
  return left === undefined ? [] : [[name, left]]
}

/** `{"name":{"from":…,"to":…}}`, where null stands for no value. */
function maskDifferences(text: string, masked: Masked): string {
  const differences = JSON.parse(text) as Readonly<Record<string, { from: JsonValue; to: JsonValue }>> // by `changesBetween`
  const names = Object.keys(differences)
  if (!names.some((name) => masked.marks.values.has(name))) return text
  const erased = (name: string, value: JsonValue): JsonValue =>
    value === null ? null : (erasedValue(value, { ...masked, name }) ?? null)
  const left = Object.entries(differences).flatMap(([name, { from, to }]) => {
    const difference = { from: erased(name, from), to: erased(name, to) }
    return masked.marks.values.has(name) && isSameJson(difference.from, difference.to) ? [] : [[name, difference]]
  })
  return JSON.stringify(Object.fromEntries(left))
}

/** `{"name":…}`, or a list of that and the removed fields. */
function maskPatch(text: string, masked: Masked): string {
  const { set, removed } = parsePatch(text)
  if (![...Object.keys(set), ...removed].some((name) => masked.marks.values.has(name))) return text
  const left = Object.fromEntries(Object.entries(set).flatMap(([name, value]) => maskedEntry(name, value, masked)))
  // A field that has a placeholder in some version may have been removed in a later one.
  const gone = removed.filter((name) => erasedValue('', { ...masked, name }) !== undefined)
  return JSON.stringify(gone.length === 0 ? left : [left, ...gone])
}
