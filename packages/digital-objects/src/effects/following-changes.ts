// The changes that follow from a change: the effects of its verb on related entities, in their order, and the consequences of
// a deletion.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { crudVerb } from '../noun/make-schema.ts'
import { referredIds } from '../noun/referred-ids.ts'
import { relatedNouns } from '../noun/related-nouns.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'
import { checkEffectValue } from '../noun/validate-value.ts'
import type { EffectValues, RelatedEffect } from '../noun/verb-effect.ts'
import { resolveEffect } from '../verb/resolve-effect.ts'
import { deletionChanges } from './deletion.ts'
import {
  commitChangesMax,
  type EffectParts,
  type FollowingChange,
  type FollowingChanges,
  type MadeChange,
  tooManyChanges,
} from './following-change.ts'
import { mergeChanges } from './merge.ts'
import { referringFields } from './references-to.ts'

/** Whether anything can follow from such a change. Without it, the change costs nothing more. */
export function mayBeFollowed(schema: NounSchema, verb: Verb, nouns: readonly NounSchema[]): boolean {
  if ((verb.effect.related?.length ?? 0) > 0) return true
  return verb.name === 'delete' && referringFields(nouns, schema.name).some(({ field }) => field.onDelete !== 'keep')
}

/** Plans the next change when the one before is made. Throws an ObjectError that refuses all of them. */
export function* followingChanges(made: MadeChange, parts: EffectParts): FollowingChanges {
  if (made.verb.name === 'delete' && made.isRuled !== true) yield* deletionChanges(made, parts)
  for (const effect of made.verb.effect.related ?? []) {
    if (effect.when !== undefined && made.after[effect.when.field] !== effect.when.equals) continue
    yield* relatedChanges(made, effect, parts)
  }
}

function* relatedChanges(made: MadeChange, effect: RelatedEffect, parts: EffectParts): FollowingChanges {
  switch (effect.kind) {
    case 'create':
      yield* creation(made, effect, parts)
      return
    case 'merge':
      yield* mergeChanges(made, effect.from, parts)
      return
    default:
      for (const target of targetsOf(made, effect.of, parts)) {
        const current = parts.reader.get(target.schema, target.id)
        const change = current === undefined ? undefined : changeOf(made, effect, { ...target, current })
        if (change !== undefined) yield change
      }
  }
}

function changeOf(
  made: MadeChange,
  effect: Exclude<RelatedEffect, { readonly kind: 'create' | 'merge' }>,
  target: Target & { readonly current: EntityFields },
): FollowingChange | undefined {
  const { schema, id, current } = target
  if (effect.kind === 'call') {
    const verb = schema.verbs[effect.verb]
    const input = valuesOf(made, effect.with ?? {}, undefined)
    return verb === undefined ? undefined : { schema, verb, target: id, input, level: 1 }
  }
  const input = effect.kind === 'touch' ? laterTimes(made, effect.sets, target) : valuesOf(made, effect.sets, current)
  if (Object.keys(input).length === 0) return undefined
  return { schema, verb: schema.verbs['update'] ?? crudVerb('update'), target: id, input, level: 1 }
}

function* creation(
  made: MadeChange,
  effect: RelatedEffect & { readonly kind: 'create' },
  { lookup }: EffectParts,
): FollowingChanges {
  const schema = lookup(effect.noun)
  if (schema === undefined) return
  const verb = schema.verbs['create'] ?? crudVerb('create')
  const created = yield { schema, verb, input: valuesOf(made, effect.sets, undefined), level: 1 }
  if (effect.as === undefined) return
  const update = made.schema.verbs['update'] ?? crudVerb('update')
  yield { schema: made.schema, verb: update, target: made.id, input: { [effect.as]: created }, level: 1 }
}

interface Target {
  readonly schema: NounSchema
  readonly id: string
}

function targetsOf({ schema, id, after }: MadeChange, of: string, { lookup, reader }: EffectParts): readonly Target[] {
  const relation = Object.hasOwn(schema.fields, of) ? schema.fields[of] : undefined
  const nouns = relatedNouns(schema, of).flatMap((name) => lookup(name) ?? [])
  if (relation?.kind === 'reference')
    return [...new Set(referredIds(after[of]))].flatMap((one) => {
      const noun = nouns.find(({ idPrefix }) => one.startsWith(`${idPrefix}_`))
      return noun === undefined ? [] : [{ schema: noun, id: one }]
    })
  const [noun] = nouns
  const field = relation?.kind === 'reverse' ? noun?.fields[relation.by] : undefined
  if (noun === undefined || field?.kind !== 'reference') return []
  const ids = reader.referring(noun, { field, id, limit: commitChangesMax + 1 })
  if (ids.length > commitChangesMax) throw tooManyChanges()
  return ids.map((one) => ({ schema: noun, id: one }))
}

/** Returns the values that the effects give. `current` are the fields of the entity that gets them, if it exists. */
function valuesOf(
  { id, after, input, nowMs }: MadeChange,
  sets: EffectValues,
  current: EntityFields | undefined,
): Readonly<Record<string, JsonValue>> {
  const values: Record<string, JsonValue> = {}
  for (const [name, effect] of Object.entries(sets)) {
    const own = current?.[name]
    const value = resolveEffect(effect, { before: after, fields: after, value: own, valueSoFar: own, input, nowMs, id })
    if (value !== undefined && (value !== null || current !== undefined)) values[name] = value
  }
  return values
}

/** Returns the times that are later than those of the entity, none of them later than the event. */
function laterTimes(
  made: MadeChange,
  sets: EffectValues,
  { schema, current }: Target & { readonly current: EntityFields },
): Readonly<Record<string, JsonValue>> {
  const now = new Date(made.nowMs).toISOString()
  const later: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(valuesOf(made, sets, current))) {
    const field = schema.fields[name]
    const checked = field === undefined || field.kind === 'reverse' ? undefined : checkEffectValue(field, value)
    if (checked?.ok !== true || typeof checked.value !== 'string') continue
    // Stored times of one type compare as strings: they are in UTC, to the millisecond or the day.
    const time = checked.value > now ? now.slice(0, checked.value.length) : checked.value
    const own = current[name]
    if (typeof own !== 'string' || own < time) later[name] = time
  }
  return later
}
