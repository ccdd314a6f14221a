// Brings all objects of Stripe, type by type and page by page. The id after which it continues is recorded with each page, and an
// object that is here already is only brought up to date, so it may be interrupted and repeated anywhere.

import { isPlainObject, type JsonValue } from 'digital-objects'
import type { Mirror, Outcome } from './mirror.ts'
import { differences, Unsupported } from './object-fields.ts'
import { type ObjectName, objectTable, requireRow } from './object-table.ts'
import { listParameters, type Page, readPage } from './pages.ts'
import { type StripeObject, StripeRefused } from './stripe-api.ts'
import { customersAtOnce, laneOf } from './follow-hints.ts'
import { inLanes } from './in-lanes.ts'
import { textAt } from './stripe-value.ts'
import type { Findings } from '../records/findings.ts'

export interface TypeProgress {
  readonly seen: number
  readonly made: number
  readonly changed: number
  readonly notTaken: number
  /** The id after which the next page begins. */
  readonly after?: string
  readonly isDone: boolean
}

/** By type of object. */
export type Progress = Readonly<Record<string, TypeProgress>>

const nothing: TypeProgress = { seen: 0, made: 0, changed: 0, notTaken: 0, isDone: false }
const types: readonly ObjectName[] = objectTable.map(({ object }) => object)

export function parseProgress(value: JsonValue | undefined): Progress {
  return isPlainObject(value) ? (value as unknown as Progress) : {} // `advanceSync` made it
}

export function isSyncDone(progress: Progress): boolean {
  return types.every((type) => progress[type]?.isDone === true)
}

export interface SyncOptions {
  readonly findings: Findings
  /** Counts what would happen, and changes nothing. */
  readonly isRehearsal: boolean
}

/** Makes one page, and returns the progress after it. */
export async function advanceSync(mirror: Mirror, progress: Progress, options: SyncOptions): Promise<Progress> {
  const type = types.find((one) => progress[one]?.isDone !== true)
  if (type === undefined) return progress
  const before = progress[type] ?? nothing
  const page = await pageOf(mirror, type, before.after)
  const counts = { seen: before.seen, made: before.made, changed: before.changed, notTaken: before.notTaken }
  await inLanes(page.objects, { laneOf, lanesMax: customersAtOnce }, async (object) => {
    const outcome = await take(mirror, type, { object, options })
    counts.seen++
    if (outcome === 'made') counts.made++
    if (outcome === 'changed') counts.changed++
    if (outcome === 'not taken') counts.notTaken++
  })
  const { after } = page
  return { ...progress, [type]: { ...counts, isDone: after === undefined, ...(after === undefined ? {} : { after }) } }
}

async function pageOf(mirror: Mirror, type: ObjectName, after: string | undefined): Promise<Page> {
  try {
    return await readPage(mirror.api, requireRow(type).path, { ...listParameters(type), after })
  } catch (error) {
    if (!(error instanceof StripeRefused) || !error.isMissing) throw error
    // The object after which it continues was deleted meanwhile, or the server does not know the type.
    return after === undefined ? { objects: [], after: undefined } : pageOf(mirror, type, undefined)
  }
}

interface ToTake {
  readonly object: StripeObject
  readonly options: SyncOptions
}

async function take(mirror: Mirror, type: ObjectName, { object, options }: ToTake): Promise<Outcome> {
  return options.isRehearsal ? rehearse(mirror, type, object) : mirror.apply(type, object)
}

/** What `apply` would do, as far as the object alone says. */
function rehearse(mirror: Mirror, type: ObjectName, object: StripeObject): Outcome {
  const row = requireRow(type)
  try {
    const values = mirror.valuesOf(row, object)
    const target = mirror.entityOf(type, textAt(object, 'id') ?? '')
    if (target === undefined) return 'made'
    return Object.keys(differences(values, mirror.parts.read(target) ?? {})).length === 0 ? 'same' : 'changed'
  } catch (error) {
    if (error instanceof Unsupported) return 'not taken'
    throw error
  }
}
