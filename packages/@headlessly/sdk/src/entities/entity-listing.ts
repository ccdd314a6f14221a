// A list of entities. Before it is awaited it can be worked on, which happens at the server: `find(…).map(…)`.

import { Listing, type ListingParts } from '../calls/listing.ts'
import { makePending, type PendingSource, stepMethod } from '../pipeline/pending.ts'

/** The types of its methods are those of `Pipeline`; here they only say what was asked for. */
export class EntityListing extends Listing<unknown> {
  readonly #source: PendingSource

  constructor(parts: ListingParts<unknown>, source: PendingSource) {
    super(parts)
    this.#source = source
  }

  map = this.#step('map')
  flatMap = this.#step('flatMap')
  filter = this.#step('filter')
  find = this.#step('find')
  some = this.#step('some')
  every = this.#step('every')
  reduce = this.#step('reduce')
  sort = this.#step('sort')
  slice = this.#step('slice')

  get length(): object {
    return makePending(this.#source, [{ step: 'member', name: 'length' }])
  }

  #step(name: Parameters<typeof stepMethod>[0]): (...given: unknown[]) => object {
    return stepMethod(name, (step) => makePending(this.#source, [step]))
  }
}
