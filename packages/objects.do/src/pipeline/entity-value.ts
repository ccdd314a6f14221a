// An entity in a pipeline. Its fields are values, and its relations are the related entities, each read once, when an
// expression needs it.

import {
  charactersOfFields,
  type Entity,
  metaFieldNames,
  type NounLookup,
  type NounSchema,
  ObjectError,
  type ReferenceField,
  referredIds,
  type ReverseField,
} from 'digital-objects'
import type { EntityVersion } from '../entities/entity-version.ts'
import { referredNoun, type RelatedReader } from '../entities/includes.ts'
import { isRelation, type Relation } from '../entities/parse-includes.ts'
import { shaped } from '../entities/read-body.ts'
import type { Shape } from '../entities/read-request.ts'
import { type EvaluationContext, readCharactersMax } from './evaluation-context.ts'
import { EntityNode, isList, type Value } from './value.ts'

/** The source of a pipeline's entities. All of them reflect the same state. */
export interface EntitySource {
  readonly reader: RelatedReader
  readonly lookup: NounLookup
  readonly context: EvaluationContext
  /** Referenced entities by id, so that a thousand contacts of one organization read it once. */
  readonly referred: Map<string, EntityValue | null>
}

/** Limits the entities of one relation of one entity. */
export const relatedMax = 1_000
const wholeShape: Shape = { includes: [], fields: undefined }

export class EntityValue extends EntityNode {
  override readonly schema: NounSchema
  readonly #version: EntityVersion
  readonly #shape: Shape
  readonly #source: EntitySource
  readonly #related = new Map<string, Value>()
  #entity: Entity | undefined

  /** `shape` selects the fields of the result, which are also the only ones that can be read. */
  constructor(options: { schema: NounSchema; version: EntityVersion; source: EntitySource; shape?: Shape }) {
    super()
    this.schema = options.schema
    this.#version = options.version
    this.#source = options.source
    this.#shape = options.shape ?? wholeShape
    options.source.context.countEntityCharacters(charactersOfFields(options.version.fields))
  }

  override get(name: string): Value {
    const field = Object.hasOwn(this.schema.fields, name) ? this.schema.fields[name] : undefined
    if (field !== undefined && isRelation(field)) return this.related(field)
    this.#refuseLeftOut(name)
    if (Object.hasOwn(this.#version.fields, name)) return this.#version.fields[name]
    this.#entity ??= this.#source.reader.toEntity(this.schema, this.#version)
    return Object.hasOwn(this.#entity, name) ? this.#entity[name] : undefined
  }

  override related(relation: Relation): Value {
    const value = this.#related.has(relation.name) ? this.#related.get(relation.name) : this.#readRelated(relation)
    this.#related.set(relation.name, value)
    if (isList(value)) this.#source.context.relationsRead.add(value)
    return value
  }

  override toJson(): string {
    const { reader, lookup, context } = this.#source
    for (const _ of this.#shape.includes) context.countEntities(1)
    const { entity, nestedCount } = shaped({ reader, lookup, noun: this.schema, shape: this.#shape }, this.#version)
    context.countEntities(nestedCount)
    return JSON.stringify(entity)
  }

  #readRelated(relation: Relation): Value {
    return relation.kind === 'reference' ? this.#referred(relation) : this.#referring(relation)
  }

  /** Leaves out deleted entities of a list of references. */
  #referred(relation: ReferenceField): Value {
    const ids = referredIds(this.#version.fields[relation.name])
    if (!relation.many) return ids[0] === undefined ? undefined : this.#entityAt(relation, ids[0])
    return ids.flatMap((id) => this.#entityAt(relation, id) ?? [])
  }

  #entityAt(relation: ReferenceField, id: string): EntityValue | null {
    const { reader, lookup, context, referred } = this.#source
    const known = referred.get(id)
    if (known !== undefined) return known
    context.countEntities(1)
    const schema = referredNoun(relation, id, lookup)
    const version = schema === undefined ? undefined : reader.get(schema, id)
    const value =
      schema === undefined || version === undefined ? null : new EntityValue({ schema, version, source: this.#source })
    referred.set(id, value)
    return value
  }

  #referring(relation: ReverseField): Value {
    const { reader, lookup, context } = this.#source
    const schema = lookup(relation.from)
    const limit = relation.many ? relatedMax + 1 : 1
    const versions =
      schema === undefined
        ? []
        : reader.referring(schema, {
            by: relation.by,
            id: this.#version.id,
            limit,
            charactersMax: readCharactersMax,
          })
    if (versions.length > relatedMax) throw this.#tooMany(relation)
    context.countEntities(versions.length)
    const related: Value[] = []
    for (const version of versions) {
      if (schema !== undefined) related.push(new EntityValue({ schema, version, source: this.#source }))
    }
    return relation.many ? related : (related[0] ?? null)
  }

  #tooMany(relation: ReverseField): ObjectError {
    const { place, step } = this.#source.context
    const from = `${this.schema.name} ${this.#version.id}`
    const instead = `use find of ${relation.from} with the filter { ${relation.by}: '${this.#version.id}' }`
    const message = `${step}: ${from} has more than ${relatedMax} ${relation.name}; ${instead}`
    return new ObjectError({ code: 'scan_limit', field: place, message })
  }

  /** Refuses a field that was left out, since undefined would mean that it is not set. */
  #refuseLeftOut(name: string): void {
    const { fields } = this.#shape
    if (fields === undefined || fields.includes(name) || name === '$type' || name === '$id') return
    const isKnown = Object.hasOwn(this.schema.fields, name) || (metaFieldNames as readonly string[]).includes(name)
    if (isKnown) throw this.#source.context.refusal(`'${name}' is not among the requested fields`)
  }
}
