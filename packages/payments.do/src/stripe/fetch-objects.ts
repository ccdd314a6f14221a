// Fetches the objects of many hints with few requests: Stripe lists a hundred objects of a type at a time, and most of what happens
// is about those that were made lately.

import type { Hint } from './hints.ts'
import { inLanes } from './in-lanes.ts'
import type { Mirror } from './mirror.ts'
import { type ObjectName, requireRow } from './object-table.ts'
import { listParameters, readPage } from './pages.ts'
import { StripeRefused, type StripeObject } from './stripe-api.ts'
import { textAt } from './stripe-value.ts'

/** A page that has fewer of them is no better than a request for each. */
const wantedMin = 5
/** A type whose page was not worth it is listed again after so many batches. */
const batchesWithout = 20
const requestsAtOnce = 4
/** Other work for the same account waits meanwhile. */
const singlesMax = 40

/** The state of an object; undefined if Stripe has it no more. */
export type Fetched = ReadonlyMap<Hint, StripeObject | Error | undefined>

export class ObjectFetcher {
  /** Batches for which pages of a type are not asked for. */
  readonly #without = new Map<ObjectName, number>()

  /** Hints that are missing in the answer wait for the next batch. Never rejects. */
  async fetch(mirror: Mirror, hints: readonly Hint[]): Promise<Fetched> {
    const fetched = new Map<Hint, StripeObject | Error | undefined>()
    for (const [name, ofType] of Map.groupBy(hints, ({ object }) => object)) {
      const recent = ofType.filter(({ created }) => created !== undefined)
      if (recent.length >= wantedMin && this.#mayList(name)) await this.#list(mirror, { name, hints: recent, fetched })
    }
    const singles = hints.filter((hint) => !fetched.has(hint)).slice(0, singlesMax)
    const lanes = { laneOf: ({ object, id }: Hint) => `${object} ${id}`, lanesMax: requestsAtOnce }
    await inLanes(singles, lanes, async (hint) => {
      try {
        fetched.set(hint, await mirror.fetch(hint.object, hint.id))
      } catch (error) {
        if (!(error instanceof Error)) throw error
        fetched.set(hint, error)
      }
    })
    return fetched
  }

  #mayList(name: ObjectName): boolean {
    const without = this.#without.get(name) ?? 0
    if (without > 0) this.#without.set(name, without - 1)
    return without === 0
  }

  /** Lists the newest objects first, for as long as a page has enough of those that are wanted. */
  async #list(
    mirror: Mirror,
    {
      name,
      hints,
      fetched,
    }: {
      readonly name: ObjectName
      readonly hints: readonly Hint[]
      readonly fetched: Map<Hint, StripeObject | Error | undefined>
    },
  ): Promise<void> {
    const wanted = new Map(hints.map((hint) => [hint.id, hint]))
    const times = hints.map(({ created = 0 }) => created)
    const created = { gte: Math.min(...times), lte: Math.max(...times) }
    let after: string | undefined
    do {
      const page = await readPage(mirror.api, requireRow(name).path, { ...listParameters(name), created, after }).catch(
        (error: unknown) => {
          // Each of them is asked for then, and its own answer says more.
          if (error instanceof StripeRefused) return { objects: [], after: undefined }
          throw error
        },
      )
      const found = page.objects.filter((object) => wanted.has(textAt(object, 'id') ?? ''))
      for (const object of found) {
        const hint = wanted.get(textAt(object, 'id') ?? '')
        if (hint !== undefined) fetched.set(hint, object)
      }
      if (found.length < wantedMin) this.#without.set(name, batchesWithout)
      after = found.length < wantedMin ? undefined : page.after
    } while (after !== undefined)
  }
}
