// Follows hints: fetches their objects, and brings the entities to that state. Objects to which others refer come first; those of
// different customers are written beside each other, so that their commits share a write to the disk.

import { type Fetched, ObjectFetcher } from './fetch-objects.ts'
import type { Hint } from './hints.ts'
import { inLanes } from './in-lanes.ts'
import type { Mirror } from './mirror.ts'
import { type ObjectName, objectTable } from './object-table.ts'
import type { StripeObject } from './stripe-api.ts'
import { idAt, textAt } from './stripe-value.ts'

/** Commits that share a write to the disk. */
export const customersAtOnce = 8
const ownLane: readonly ObjectName[] = ['customer', 'product', 'price', 'coupon', 'tax_rate']

/** The lane of an object: its writes touch no object of another lane. */
export function laneOf(object: StripeObject): string {
  const name = textAt(object, 'object')
  if (ownLane.some((own) => own === name)) return textAt(object, 'id') ?? ''
  return idAt(object, 'customer') ?? ''
}

export interface Following {
  /** Called for each hint that was followed. */
  readonly done: (hint: Hint) => void
  /** Called for each hint whose object could not be fetched or written now. */
  readonly failed: (hint: Hint, error: Error) => Promise<void>
}

export class HintFollower {
  readonly #fetcher = new ObjectFetcher()

  async follow(mirror: Mirror, hints: readonly Hint[], following: Following): Promise<void> {
    const fetched = await this.#fetcher.fetch(mirror, hints)
    for (const [{ object, id }, state] of fetched) if (!(state instanceof Error)) mirror.know(object, id, state)
    for (const { object: name } of objectTable)
      await inLanes(
        hints.filter((hint) => hint.object === name && fetched.has(hint)),
        { laneOf: (hint) => laneOfFetched(fetched, hint), lanesMax: customersAtOnce },
        (hint) => followOne(mirror, hint, { state: fetched.get(hint), following }),
      )
  }
}

function laneOfFetched(fetched: Fetched, hint: Hint): string {
  const state = fetched.get(hint)
  return state === undefined || state instanceof Error ? '' : laneOf(state)
}

async function followOne(
  mirror: Mirror,
  hint: Hint,
  { state, following }: { readonly state: StripeObject | Error | undefined; readonly following: Following },
): Promise<void> {
  try {
    if (state instanceof Error) throw state
    // An invoice brings its payments.
    if (!mirror.hasApplied(hint.object, hint.id)) await mirror.refresh(hint.object, hint.id)
    following.done(hint)
  } catch (error) {
    // A fault of one object must not hold up the others.
    // A fault of one object must not hold up the others.
    if (!(error instanceof Error)) throw error
    await following.failed(hint, error)
  }
}
