// Merging of additions into a definition, where the additions win, and removal of members.

import type { FrozenDefinition, NounDefinition } from '../noun/definition.ts'
import { tableToKeep } from './table-to-keep.ts'
import type { ScheduleDefinition } from '../noun/schedule.ts'

/** Changes neither argument. Transitions and indexes that are in both appear once. */
export function mergeDefinitions(base: NounDefinition, added: NounDefinition): NounDefinition {
  const table = tableToKeep(base, added)
  const merged: NounDefinition = {
    ...base,
    ...added,
    fields: { ...base.fields, ...added.fields },
    descriptions: { ...base.descriptions, ...added.descriptions },
    effects: { ...base.effects, ...added.effects },
    onDelete: { ...base.onDelete, ...added.onDelete },
    fills: { ...base.fills, ...added.fills },
    numbers: { ...base.numbers, ...added.numbers },
    bounds: lastOfEach([...(base.bounds ?? []), ...(added.bounds ?? [])], (bound) => JSON.stringify(bound)),
    frozen: lastOfEach([...(base.frozen ?? []), ...(added.frozen ?? [])], (rule) => JSON.stringify(rule)),
    schedules: lastOfEach([...(base.schedules ?? []), ...(added.schedules ?? [])], ({ name, call }) => name ?? call),
    indexes: lastOfEach([...(base.indexes ?? []), ...(added.indexes ?? [])], ({ path }) => path),
    transitions: lastOfEach([...(table.transitions ?? []), ...(added.transitions ?? [])], ({ from, verb, to, named }) =>
      JSON.stringify([from, verb, to, named]),
    ),
    states: { ...table.states, ...added.states },
    categories: { ...table.categories, ...added.categories },
  }
  return withoutEmptyParts(merged)
}

/** Returns the definition without these fields and verbs, and without the parts that refer to them. */
export function removeMembers(definition: NounDefinition, names: ReadonlySet<string>): NounDefinition {
  const without = <Value>(part: Readonly<Record<string, Value>> | undefined): Record<string, Value> =>
    Object.fromEntries(Object.entries(part ?? {}).filter(([name]) => !names.has(name)))
  const { state, ...others } = definition
  const isStateGone = state !== undefined && names.has(state)
  return withoutEmptyParts({
    ...others,
    ...(state === undefined || isStateGone ? {} : { state }),
    fields: without(definition.fields),
    descriptions: without(definition.descriptions),
    effects: without(definition.effects),
    onDelete: without(definition.onDelete),
    fills: without(definition.fills),
    numbers: without(definition.numbers),
    frozen: (definition.frozen ?? []).flatMap((rule) => withoutFrozen(rule, names)),
    schedules: (definition.schedules ?? []).filter((schedule) => !isGone(schedule, names)),
    indexes: (definition.indexes ?? []).filter(({ path }) => !names.has(path.split('.', 1)[0] ?? '')),
    states: isStateGone ? {} : withoutMembers(definition.states, names),
    transitions: isStateGone ? [] : (definition.transitions ?? []).filter(({ verb }) => !names.has(verb)),
    categories: isStateGone ? {} : (definition.categories ?? {}),
  })
}

/** A rule of a removed state field goes with it. Bounds that read a removed field refuse the removal. */
function withoutFrozen(rule: FrozenDefinition, names: ReadonlySet<string>): readonly FrozenDefinition[] {
  if (rule.while !== undefined && names.has(rule.while.field)) return []
  const fields = (rule.fields ?? []).filter((name) => !names.has(name))
  return fields.length === 0 && rule.delete !== true ? [] : [{ ...rule, fields }]
}

function withoutMembers(
  states: NounDefinition['states'],
  names: ReadonlySet<string>,
): NonNullable<NounDefinition['states']> {
  const entries = Object.entries(states ?? {}).map(([value, rule]) => {
    const sets = Object.fromEntries(Object.entries(rule?.sets ?? {}).filter(([name]) => !names.has(name)))
    return [value, { ...rule, sets, holds: (rule?.holds ?? []).filter((name) => !names.has(name)) }] as const
  })
  return Object.fromEntries(entries)
}

/** Whether a schedule calls or reads one of these members. */
function isGone({ call, at = [], when = {}, after, cron }: ScheduleDefinition, names: ReadonlySet<string>): boolean {
  const read = typeof after !== 'object' ? undefined : 'of' in after ? after.of : after.by
  const members = [call, ...(typeof at === 'string' ? [at] : at), ...Object.keys(when), read ?? '']
  return [...members, typeof cron === 'object' ? cron.field : ''].some((name) => names.has(name))
}

function lastOfEach<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly Item[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()]
}

/** Removes empty parts, which mean nothing but would change the definition's version. */
function withoutEmptyParts(definition: NounDefinition): NounDefinition {
  const { fields, ...parts } = definition
  const filled = Object.entries(parts).filter(
    ([, part]) =>
      typeof part === 'string' || typeof part === 'boolean' || (part !== undefined && Object.keys(part).length > 0),
  )
  return { ...(Object.fromEntries(filled) as Omit<NounDefinition, 'fields'>), fields }
}
