// The objects of the server that stands in for Stripe, by id and by type in the order in which they were made.

export type Json = Record<string, unknown>

export interface FakePage {
  readonly data: readonly Json[]
  readonly has_more: boolean
}

export class FakeObjects {
  readonly #byId = new Map<string, Json>()
  /** Ids by type, and the place of each id among them. A lost object leaves its place. */
  readonly #ids = new Map<string, string[]>()
  readonly #places = new Map<string, number>()

  get(id: string): Json | undefined {
    return this.#byId.get(id)
  }

  has(id: string): boolean {
    return this.#byId.has(id)
  }

  set(object: Json): void {
    const id = String(object['id'])
    if (!this.#places.has(id)) {
      const ids = this.#idsOf(String(object['object']))
      this.#places.set(id, ids.length)
      ids.push(id)
    }
    this.#byId.set(id, object)
  }

  delete(id: string): void {
    this.#byId.delete(id)
  }

  all(type: string): readonly Json[] {
    return this.#idsOf(type)
      .map((id) => this.#live(id))
      .filter((object) => object !== undefined)
  }

  /** Returns all objects of a type, and forgets them. */
  takeAll(type: string): readonly Json[] {
    const taken = this.all(type)
    for (const id of this.#idsOf(type)) {
      this.#byId.delete(id)
      this.#places.delete(id)
    }
    this.#ids.set(type, [])
    return taken
  }

  /** The newest object comes first. */
  page(
    type: string,
    of: { readonly since: number; readonly until: number; readonly after: string | null; readonly limit: number },
  ): FakePage {
    const ids = this.#idsOf(type)
    const data: Json[] = []
    for (
      let place = (of.after === null ? ids.length : (this.#places.get(of.after) ?? ids.length)) - 1;
      place >= 0;
      place--
    ) {
      const object = this.#live(ids[place] ?? '')
      if (object === undefined || Number(object['created']) < of.since || Number(object['created']) > of.until) continue
      if (data.length === of.limit) return { data, has_more: true }
      data.push(object)
    }
    return { data, has_more: false }
  }

  #idsOf(type: string): string[] {
    const known = this.#ids.get(type)
    if (known !== undefined) return known
    const made: string[] = []
    this.#ids.set(type, made)
    return made
  }

  #live(id: string): Json | undefined {
    const object = this.#byId.get(id)
    return object?.['deleted'] === true ? undefined : object
  }
}
