// An act of the sample company: one write at a time of its year. `@name` in a body or a target stands for the id of what an
// earlier act named so, and `@name.field` for a field of it as it was then.

export interface DemoAct {
  /** Days since the year began, with a part of a day. */
  readonly day: number
  /** `Lead.convert`; the name of its Noun and its verb. */
  readonly write: `${string}.${string}`
  readonly target?: string
  readonly body?: Readonly<Record<string, unknown>>
  /** The name of its result. */
  readonly as?: string
}

/** Names that acts have given to entities, with their fields. */
export class DemoNames {
  readonly #entities = new Map<string, Readonly<Record<string, unknown>>>()

  name(name: string, entity: Readonly<Record<string, unknown>>): void {
    this.#entities.set(name, entity)
  }

  /** Replaces the names in a value, at any depth. Throws for a name that no act has given. */
  resolve(value: unknown): unknown {
    if (typeof value === 'string') return value.startsWith('@') ? this.#lookup(value) : value
    if (Array.isArray(value)) return value.map((item: unknown) => this.resolve(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.resolve(part)]))
  }

  #lookup(text: string): unknown {
    const [name = '', field = '$id'] = text.slice(1).split('.')
    const entity = this.#entities.get(name)
    if (entity === undefined) throw new Error(`no act has named '${name}'`)
    return entity[field]
  }
}
