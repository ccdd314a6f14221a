// The changes that follow from a change: the effects of its verb on related entities, in their order, and the consequences of
// a deletion.

import type { JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import { crudVerb } from '../noun/make-schema.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'
import { checkEffectValue } from '../noun/validate-value.ts'
import type { EffectValues, RelatedEffect } from '../noun/verb-effect.ts'
import { deletionChanges } from './deletion.ts'
import { type CurrentTarget, EffectRun } from './effect-run.ts'
import type { EffectParts, FollowingChange, FollowingChanges, MadeChange } from './following-change.ts'
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
  const run = new EffectRun(made, parts)
  for (const effect of made.verb.effect.related ?? [])
    if (run.holds(effect.when) && !isOfCause(made, effect)) yield* relatedChanges(run, effect, parts)
  yield* run.ownChange()
}

/** Whether the verb is itself the effect of a verb that needs no such effect. */
function isOfCause({ cause }: MadeChange, { unlessCausedBy }: RelatedEffect): boolean {
  return cause !== undefined && unlessCausedBy?.includes(cause) === true
}

function* relatedChanges(run: EffectRun, effect: RelatedEffect, parts: EffectParts): FollowingChanges {
  switch (effect.kind) {
    case 'create':
      yield* creation(run, effect, parts)
      return
    case 'find':
      nameFound(run, effect, parts)
      return
    case 'merge':
      yield* mergeChanges(run.made, effect.from, parts)
      return
    default:
      if (effect.kind === 'update' && effect.of === '$self') {
        run.setOwn(run.valuesOf(effect.sets, run.fields))
        return
      }
      // A verb of the entity itself finds the links that effects before have set.
      if (effect.of === '$self') yield* run.ownChange()
      for (const target of run.targets(effect.of, effect.where)) {
        const change = changeOf(run, effect, target)
        if (change !== undefined) yield change
      }
  }
}

type ActingEffect = Exclude<RelatedEffect, { readonly kind: 'create' | 'find' | 'merge' }>

function changeOf(run: EffectRun, effect: ActingEffect, target: CurrentTarget): FollowingChange | undefined {
  const { schema, id, current } = target
  if (effect.kind === 'call') {
    const verb = schema.verbs[effect.verb]
    const input = run.valuesOf(effect.with ?? {}, undefined)
    return verb === undefined ? undefined : { schema, verb, target: id, input, level: 1 }
  }
  const input = effect.kind === 'touch' ? laterTimes(run, effect.sets, target) : run.valuesOf(effect.sets, current)
  if (Object.keys(input).length === 0) return undefined
  return { schema, verb: schema.verbs['update'] ?? crudVerb('update'), target: id, input, level: 1 }
}

function nameFound(run: EffectRun, effect: RelatedEffect & { readonly kind: 'find' }, { lookup }: EffectParts): void {
  const schema = lookup(effect.noun)
  const isKnown = effect.ifKnown !== true || schema?.service !== undefined
  const found = schema === undefined || !isKnown ? undefined : run.find(schema, effect.by, effect.has)
  if (found !== undefined) return run.name(effect.as, found)
  if (effect.required !== true) return
  const { schema: noun, verb } = run.made
  const by = JSON.stringify(run.valuesOf(effect.by, undefined)).slice(0, 200)
  throw new ObjectError({
    code: 'invalid_reference',
    message: `${noun.name}.${verb.name} expects an existing ${effect.noun}, and there is none with ${by}`,
  })
}

function* creation(
  run: EffectRun,
  effect: RelatedEffect & { readonly kind: 'create' },
  { lookup }: EffectParts,
): FollowingChanges {
  const schema = lookup(effect.noun)
  if (schema === undefined || (effect.ifKnown === true && schema.service === undefined)) return
  const verb = schema.verbs[effect.verb ?? 'create'] ?? crudVerb('create')
  if (effect.each !== undefined) {
    for (const item of run.itemsOf(effect.each))
      yield { schema, verb, input: run.valuesOf(effect.sets, undefined, item), level: 1 }
    return
  }
  const found = effect.find === undefined ? undefined : run.find(schema, effect.find)
  const id = found ?? (yield { schema, verb, input: run.valuesOf(effect.sets, undefined), level: 1 })
  if (effect.as !== undefined) run.name(effect.as, id)
}

/** Returns the times that are later than those of the entity, none of them later than the event. */
function laterTimes(
  run: EffectRun,
  sets: EffectValues,
  { schema, current }: CurrentTarget,
): Readonly<Record<string, JsonValue>> {
  const now = new Date(run.made.nowMs).toISOString()
  const later: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(run.valuesOf(sets, current))) {
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
