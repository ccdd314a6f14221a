// The effects of one change while they are planned: the entity of the verb with its new links, and the entities that earlier
// effects have named.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { parseId } from '../base/id.ts'
import { isPlainObject } from '../base/is-object.ts'
import { type Conditions, holdsAll } from '../noun/condition.ts'
import { crudVerb } from '../noun/make-schema.ts'
import { referredIds } from '../noun/referred-ids.ts'
import { relatedNouns } from '../noun/related-nouns.ts'
import type { NounSchema } from '../noun/schema.ts'
import { checkEffectValue } from '../noun/validate-value.ts'
import type { EffectValue, EffectValues } from '../noun/verb-effect.ts'
import { resolveEffect } from '../verb/resolve-effect.ts'
import {
  commitChangesMax,
  type EffectParts,
  type FollowingChanges,
  type MadeChange,
  tooManyChanges,
} from './following-change.ts'

type Values = Readonly<Record<string, JsonValue>>

interface Target {
  readonly schema: NounSchema
  readonly id: string
}

/** A live entity on which an effect acts. */
export interface CurrentTarget extends Target {
  readonly current: EntityFields
}

export class EffectRun {
  readonly made: MadeChange
  readonly #parts: EffectParts
  readonly #names = new Map<string, string>()
  /** Changes of the verb's own entity, which become one event. */
  #own: Record<string, JsonValue> = {}
  #fields: EntityFields

  constructor(made: MadeChange, parts: EffectParts) {
    this.made = made
    this.#parts = parts
    this.#fields = made.after
  }

  /** The fields of the verb's entity, with the changes of effects so far. */
  get fields(): EntityFields {
    return this.#fields
  }

  holds(conditions: Conditions | undefined): boolean {
    return holdsAll(conditions, { fields: this.#fields, input: this.made.input, names: this.#names })
  }

  /** Names an entity: `$contact`, or a reference of the verb's entity. */
  name(as: string, id: string): void {
    if (as.startsWith('$')) this.#names.set(as, id)
    else this.setOwn({ [as]: id })
  }

  /** null clears a field. */
  setOwn(values: Values): void {
    this.#own = { ...this.#own, ...values }
    const fields: Record<string, JsonValue> = { ...this.#fields, ...values }
    for (const [name, value] of Object.entries(values)) if (value === null) delete fields[name]
    this.#fields = fields
  }

  /** Plans the changes of the verb's own entity so far. */
  *ownChange(): FollowingChanges {
    const input = this.#own
    if (Object.keys(input).length === 0) return
    this.#own = {}
    const { schema, id } = this.made
    yield { schema, verb: schema.verbs['update'] ?? crudVerb('update'), target: id, input, level: 1 }
  }

  /** Returns the values that the effects give. `current` are the fields of the entity that gets them, if it exists. */
  valuesOf(sets: EffectValues, current: EntityFields | undefined, item?: EntityFields): Values {
    const values: Record<string, JsonValue> = {}
    const fields = this.#fields
    for (const [name, effect] of Object.entries(sets)) {
      const own = current?.[name]
      const { id, input, nowMs, before: previous = {}, settings } = this.made
      const target = { before: fields, fields, value: own, valueSoFar: own, input, nowMs, id, names: this.#names }
      const value = resolveEffect(effect, {
        ...target,
        previous,
        ...(item === undefined ? {} : { item }),
        ...(settings === undefined ? {} : { settings }),
        read: (other) => this.#read(other),
        records: (query) => this.#parts.reader.records(query),
      })
      if (value !== undefined && (value !== null || current !== undefined)) values[name] = value
    }
    return values
  }

  /** Returns the objects in a list, for an effect with `each`. */
  itemsOf(list: EffectValue): readonly EntityFields[] {
    const { list: items = null } = this.valuesOf({ list }, undefined)
    return Array.isArray(items) ? items.filter((item: JsonValue) => isPlainObject(item)) : []
  }

  /** Returns the oldest live entity with these values, and any in the fields of `has`; undefined if a value is missing. */
  find(schema: NounSchema, by: EffectValues, has: readonly string[] = []): string | undefined {
    const given = this.valuesOf(by, undefined)
    const values: Record<string, JsonValue> = {}
    for (const name of Object.keys(by)) {
      const field = schema.fields[name]
      if (name === '$id' || field === undefined || field.kind === 'reverse') continue
      const checked = checkEffectValue(field, given[name] ?? null)
      if (!checked.ok || checked.value === null) return undefined
      values[name] = checked.value
    }
    const id = given['$id']
    if (!Object.hasOwn(by, '$id')) return this.#parts.reader.find(schema, values, has)
    const found = typeof id === 'string' && this.#schemaOf(id) === schema ? this.#read(id) : undefined
    const isFound =
      found !== undefined &&
      Object.entries(values).every(([name, value]) => found[name] === value) &&
      has.every((name) => found[name] !== undefined)
    return typeof id === 'string' && isFound ? id : undefined
  }

  /** Yields the live entities on which an effect acts. Each is read when it is its turn, after the changes of those before. */
  *targets(of: string, where: Conditions | undefined): Generator<CurrentTarget, void, undefined> {
    for (const target of this.#entitiesOf(of)) {
      const current = this.#parts.reader.get(target.schema, target.id)
      const isMeant = current !== undefined && holdsAll(where, { fields: current, input: this.made.input })
      if (isMeant) yield { ...target, current }
    }
  }

  #entitiesOf(of: string): readonly Target[] {
    const { schema, id } = this.made
    if (of === '$self') return [{ schema, id }]
    if (of.startsWith('$')) return this.#withSchema(this.#names.get(of))
    const relation = Object.hasOwn(schema.fields, of) ? schema.fields[of] : undefined
    if (relation?.kind === 'reference')
      return [...new Set(referredIds(this.#fields[of]))].flatMap((one) => this.#withSchema(one))
    const [name = ''] = relatedNouns(schema, of)
    const noun = this.#parts.lookup(name)
    const field = relation?.kind === 'reverse' ? noun?.fields[relation.by] : undefined
    if (noun === undefined || field?.kind !== 'reference') return []
    const ids = this.#parts.reader.referring(noun, { field, id, limit: commitChangesMax + 1 })
    if (ids.length > commitChangesMax) throw tooManyChanges()
    return ids.map((one) => ({ schema: noun, id: one }))
  }

  #withSchema(id: string | undefined): readonly Target[] {
    const schema = id === undefined ? undefined : this.#schemaOf(id)
    return id === undefined || schema === undefined ? [] : [{ schema, id }]
  }

  #schemaOf(id: string): NounSchema | undefined {
    const prefix = parseId(id)?.prefix
    return this.#parts.nouns.find(({ idPrefix }) => idPrefix === prefix)
  }

  #read(id: string): EntityFields | undefined {
    const schema = this.#schemaOf(id)
    return schema === undefined ? undefined : this.#parts.reader.get(schema, id)
  }
}
