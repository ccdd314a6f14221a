// A list of entities. Steps before it is awaited run at the server: `find(…).map(…)`.

import { Listing, type ListingParts } from '../calls/listing.ts'
import { makePending, type PendingSource, stepMethod } from '../pipeline/pending.ts'

/** `Pipeline` has the types of its methods; here they only record the steps. */
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
