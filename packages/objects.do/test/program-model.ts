// The sequential model of programs: what each operation answers, and what the tenant then holds.

import { compileRegex } from '@dotdo/do'
import { compareText, type Entity, isSameJson, type JsonValue, matches, nouns, parseFilter } from 'digital-objects'

export type ModelNoun = 'Organization' | 'Contact'

export type Operation =
  | { readonly op: 'create'; readonly noun: ModelNoun; readonly fields: ModelFields }
  /** `at` chooses among the entities that the program knows. */
  | { readonly op: 'update'; readonly at: number; readonly fields: ModelFields }
  | { readonly op: 'remove' | 'get'; readonly at: number }
  | { readonly op: 'find' | 'count'; readonly noun: ModelNoun; readonly filter: object }

/** `organization` is a number that chooses among the organizations that the program knows. */
export type ModelFields = Readonly<Record<string, JsonValue | undefined>>

/** An answer: a code, or what the model knows of the entities. */
export type Seen = string | number | SeenEntity | readonly SeenEntity[] | null
export type SeenEntity = Readonly<Record<string, JsonValue>>

const modelled = [
  '$type',
  '$id',
  '$version',
  'name',
  'title',
  'email',
  'leadScore',
  'industry',
  'organization',
] as const
const lookup = (name: string) => Object.values(nouns).find((noun) => noun.$name === name)?.$schema

/** The part of an entity that the model knows. */
export function seenOf(entity: Readonly<Record<string, unknown>>): SeenEntity {
  const known = modelled.filter((name) => entity[name] !== undefined)
  return Object.fromEntries(known.map((name) => [name, entity[name] as JsonValue]))
}

export class TenantModel {
  readonly #entities: ReadonlyMap<string, SeenEntity>

  constructor(entities: ReadonlyMap<string, SeenEntity> = new Map()) {
    this.#entities = entities
  }

  get entities(): readonly SeenEntity[] {
    return [...this.#entities.values()].toSorted((a, b) => compareText(String(a['$id']), String(b['$id'])))
  }

  create(noun: ModelNoun, id: string, fields: ModelFields): { readonly model: TenantModel; readonly seen: Seen } {
    const entity = seenOf({ $type: noun, $id: id, $version: 1, ...present(fields) })
    const refusal = this.#refusal(entity)
    return refusal === undefined ? { model: this.#with(entity), seen: entity } : { model: this, seen: refusal }
  }

  update(id: string, fields: ModelFields): { readonly model: TenantModel; readonly seen: Seen } {
    const before = this.#entities.get(id)
    if (before === undefined) return { model: this, seen: 'not_found' }
    const after = seenOf({ ...before, ...present(fields) })
    if (isSameJson(before, after)) return { model: this, seen: before }
    const refusal = this.#refusal(after, before)
    if (refusal !== undefined) return { model: this, seen: refusal }
    const entity = seenOf({ ...after, $version: Number(before['$version']) + 1 })
    return { model: this.#with(entity), seen: entity }
  }

  remove(id: string): { readonly model: TenantModel; readonly seen: Seen } {
    if (!this.#entities.has(id)) return { model: this, seen: 'not_found' }
    const entities = new Map(this.#entities)
    entities.delete(id)
    return { model: new TenantModel(entities), seen: null }
  }

  get(id: string): Seen {
    return this.#entities.get(id) ?? 'not_found'
  }

  /** The matches by id. */
  find(noun: ModelNoun, filter: object): readonly SeenEntity[] {
    const schema = nouns[noun].$schema
    const parsed = parseFilter(filter, { schema, lookup })
    const related = (entity: Entity, { field }: { field: { kind: string; name: string; by?: string } }): Entity[] => {
      const all = [...this.#entities.values()]
      const found =
        field.kind === 'reference'
          ? all.filter(({ $id }) => $id === entity[field.name])
          : all.filter((other) => other[field.by ?? ''] === entity.$id)
      return found as unknown as Entity[]
    }
    const context = { related, regex: compileRegex, searchable: schema.searchable }
    return this.entities.filter(
      (entity) => entity['$type'] === noun && matches(parsed, entity as unknown as Entity, context),
    )
  }

  #with(entity: SeenEntity): TenantModel {
    return new TenantModel(new Map(this.#entities).set(String(entity['$id']), entity))
  }

  #refusal(after: SeenEntity, before?: SeenEntity): string | undefined {
    const { email, organization } = after
    const isMissing = organization !== undefined && !this.#entities.has(String(organization))
    if (isMissing && organization !== before?.['organization']) return 'invalid_reference'
    const isTaken = [...this.#entities.values()].some(
      (other) => other['email'] === email && other['$id'] !== after['$id'],
    )
    return email !== undefined && email !== before?.['email'] && isTaken ? 'conflict' : undefined
  }
}

function present(fields: ModelFields): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  )
}
