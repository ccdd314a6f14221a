// Fills a tenant with generated entities of every Noun, with values in as many fields as the server takes, and with changes and
// deletions, so that a lake has all of its columns, several files for a table, and hidden rows.

import { type JsonValue, type NounSchema, type StoredField, storedFieldsOf } from './stored-fields.ts'
import { minimalFields } from '../../packages/objects.do/test/minimal-fields.ts'
import { edgeTexts } from '../../packages/@dotdo/db/test/generated-entities.ts'

/** Every third Noun has few entities, so that its table is one file. */
const entitiesEach = [8, 24, 24]
const changedEach = 10
const deletedEach = 3
const attemptsMax = 60
const times = [
  '1970-01-01T00:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
  '2026-02-28T12:00:00.001Z',
  '2199-12-31T23:59:59.999Z',
]
const numbers = [0, 1, -1, 0.1, -2.5, 1e15, 5e-324, Number.MAX_VALUE, 2 ** 53]
const integers = [0, 1, -1, 40, 100, 2 ** 53 - 1, 1 - 2 ** 53]
const documents: readonly JsonValue[] = [
  { a: { b: null } },
  [],
  '',
  'text',
  0,
  false,
  { 'ä"\\\n😀': [1.5] },
  [1, 'x', {}],
]

export class EntitiesOfNouns {
  readonly #url: string
  readonly #schemas: readonly NounSchema[]
  readonly #random: () => number
  readonly #made = new Map<string, string[]>()
  #unique = 0

  constructor(options: {
    readonly url: string
    readonly schemas: readonly NounSchema[]
    readonly random: () => number
  }) {
    this.#url = options.url
    this.#schemas = options.schemas
    this.#random = options.random
  }

  async make(): Promise<void> {
    for (const [nth, schema] of this.#schemas.entries())
      for (let at = 0; at < (entitiesEach[nth % entitiesEach.length] ?? 0); at++) await this.#create(schema)
    await this.#post('/lake/flush', {})
    // Every Noun has entities now, so references find some.
    for (const schema of this.#schemas) {
      for (const id of this.#idsOf(schema.name).slice(0, changedEach)) await this.#change(schema, id)
      for (const id of this.#idsOf(schema.name).slice(-deletedEach))
        await (await fetch(`${this.#url}/${schema.name}/${id}`, { method: 'DELETE' })).body?.cancel()
    }
    await this.#post('/lake/flush', {})
  }

  async #create(schema: NounSchema): Promise<void> {
    const least = minimalFields(schema, {}, (noun) => this.#pick(this.#idsOf(noun)))
    const entity = await this.#send(`/${schema.name}`, 'POST', { least, given: this.#fields(schema) })
    if (typeof entity?.['$id'] !== 'string') throw new Error(`${schema.name}: no entity of ${JSON.stringify(least)}`)
    this.#made.set(schema.name, [...this.#idsOf(schema.name), entity['$id']])
  }

  async #change(schema: NounSchema, id: string): Promise<void> {
    await this.#send(`/${schema.name}/${id}`, 'PATCH', { least: {}, given: this.#fields(schema) })
  }

  /** Leaves out each field that the server refuses, down to the least ones, until it takes the rest. */
  async #send(
    path: string,
    method: 'POST' | 'PATCH',
    { least, given }: Readonly<Record<'least' | 'given', Readonly<Record<string, JsonValue>>>>,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    const fields: Record<string, JsonValue> = { ...least, ...given }
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(this.#url + path, { method, headers, body: JSON.stringify(fields) })
      const body = (await answer.json()) as Readonly<Record<string, unknown>>
      if (answer.ok) return body
      const named = String(body['field'] ?? '').split(/[.[]/)[0] ?? ''
      const more = Object.keys(fields).filter((name) => fields[name] !== least[name])
      const refused = more.includes(named) ? named : this.#pick(more)
      if (answer.status >= 500 && answer.status !== 501) throw new Error(`${path}: ${JSON.stringify(body)}`)
      if (refused === undefined) return method === 'PATCH' ? undefined : fail(path, body)
      delete fields[refused]
      Object.assign(fields, Object.hasOwn(least, refused) ? { [refused]: least[refused] } : {})
    }
    return undefined
  }

  /** Most of the fields have a value. */
  #fields(schema: NounSchema): Record<string, JsonValue> {
    const chosen = storedFieldsOf(schema).filter(() => this.#random() < 0.7)
    return Object.fromEntries(
      chosen.flatMap((field) => {
        const value = this.#valueOf(field)
        return value === undefined ? [] : [[field.name, value] as const]
      }),
    )
  }

  #valueOf(field: StoredField): JsonValue | undefined {
    if (!field.many) return this.#one(field)
    const values = [this.#one(field), this.#one(field)].filter((value) => value !== undefined)
    return [...new Set(values)]
  }

  #one(field: StoredField): JsonValue | undefined {
    if (field.kind === 'enum') return this.#pick(field.values)
    if (field.name === 'timeZone') return 'Europe/Berlin'
    if (field.kind === 'reference')
      return this.#pick([...field.to, ...this.#anyNoun(field)].flatMap((noun) => this.#idsOf(noun)))
    switch (field.type) {
      case 'number':
        return this.#pick(numbers)
      case 'integer':
      case 'money':
        return this.#pick(integers)
      case 'boolean':
        return this.#random() < 0.5
      case 'datetime':
        return this.#pick(times)
      case 'date':
        return this.#pick(times)?.slice(0, 10)
      case 'json':
        return this.#pick(documents)
      case 'url':
        return `https://example.com/${this.#unique++}/ä`
      case 'email':
        return `a${this.#unique++}@example.com`
      case 'currency':
        return this.#pick(['EUR', 'USD', 'JPY'])
      case 'id':
        return `thing_${String(this.#unique++).padStart(12, '0')}`
      default: {
        const text = this.#pick(edgeTexts.filter((one) => one !== '')) ?? ''
        return field.unique ? `${this.#unique++} ${text}` : text
      }
    }
  }

  /** A reference to any Noun, as comments have it, names none. */
  #anyNoun({ to }: { readonly to: readonly string[] }): readonly string[] {
    return to.some((noun) => this.#made.has(noun)) ? [] : [this.#pick(this.#schemas)?.name ?? '']
  }

  #idsOf(noun: string): readonly string[] {
    return this.#made.get(noun) ?? []
  }

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.#random() * items.length)]
  }

  async #post(path: string, body: object): Promise<void> {
    const answer = await fetch(this.#url + path, { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
    await answer.body?.cancel()
  }
}

function fail(path: string, problem: unknown): never {
  throw new Error(`${path}: ${JSON.stringify(problem)}`)
}
