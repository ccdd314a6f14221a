// The meaning of filters, row by row: a filter, an entity, and whether it matches.

import { expect, test } from 'vitest'
import type { Entity, JsonValue } from '../base/entity.ts'
import { Noun } from '../noun/noun.ts'
import { matches, type MatchContext } from './matches.ts'
import { parseFilter } from './parse-filter.ts'

const { $schema: Ticket } = Noun('Ticket', {
  name: 'string',
  note: 'text',
  value: 'number',
  dueAt: 'datetime',
  closedAt: 'datetime',
  day: 'date',
  isOpen: 'boolean',
  stage: 'New | Done',
  tags: 'string[]',
  sizes: 'number[]',
  extra: 'json',
  parent: '-> Ticket.children',
  watchers: '-> Ticket.watched[]',
  children: '<- Ticket.parent[]',
  watched: '<- Ticket.watchers[]',
})
const lookup = (name: string) => (name === 'Ticket' ? Ticket : undefined)

type Fields = Readonly<Record<string, JsonValue>>
const meta = { $type: 'Ticket', $context: 'http://localhost/~acme', $version: 1, $createdBy: 'ada' } as const
const entity = (fields: Fields, id = 'ticket_000000000000'): Entity => ({
  ...meta,
  $id: id,
  $createdAt: '2026-01-10T00:00:00.000Z',
  $updatedAt: '2026-01-10T00:00:00.000Z',
  ...fields,
})
const parent = entity({ name: 'parent', value: 7, tags: ['p'] }, 'ticket_00000000000p')
const watcher = entity({ name: 'watcher' }, 'ticket_00000000000w')
const others = [parent, watcher]
const related: MatchContext['related'] = (from, { field }) =>
  field.kind === 'reference'
    ? [from[field.name] ?? []].flat().flatMap((id) => others.find((other) => other.$id === id) ?? [])
    : others.filter((other) => [other[field.by]].flat().includes(from.$id))
const context: MatchContext = {
  related,
  regex: (pattern, ignoreCase) => new RegExp(pattern, ignoreCase ? 'iu' : 'u'),
  searchable: Ticket.searchable,
}

const yes = true
const no = false
test.each<readonly [filter: object, fields: Fields, matches: boolean]>([
  // Equality. Null and missing are the same.
  [{}, {}, yes],
  [{ name: 'Ada' }, { name: 'Ada' }, yes],
  [{ name: 'Ada' }, { name: 'ada' }, no],
  [{ name: 'Ada' }, {}, no],
  [{ name: null }, {}, yes],
  [{ name: null }, { name: 'Ada' }, no],
  [{ name: { $ne: 'Ada' } }, { name: 'Bob' }, yes],
  [{ name: { $ne: 'Ada' } }, {}, yes],
  [{ name: { $ne: null } }, {}, no],
  [{ name: { $exists: true } }, { name: '' }, yes],
  [{ name: { $exists: false } }, {}, yes],
  // $in and $nin.
  [{ stage: { $in: ['New', 'Done'] } }, { stage: 'Done' }, yes],
  [{ stage: { $in: [] } }, { stage: 'Done' }, no],
  [{ stage: { $in: ['New', null] } }, {}, yes],
  [{ stage: { $nin: ['New'] } }, { stage: 'Done' }, yes],
  [{ stage: { $nin: ['New'] } }, {}, yes],
  [{ stage: { $nin: ['New', null] } }, {}, no],
  // Order: numbers, code points, instants.
  [{ value: { $gt: 1, $lte: 2 } }, { value: 2 }, yes],
  [{ value: { $gt: 1 } }, {}, no],
  [{ value: { $not: { $gt: 1 } } }, {}, yes],
  [{ name: { $gt: 'Z' } }, { name: 'a' }, yes],
  [{ name: { $lt: '\u{1F600}' } }, { name: '\uFFFD' }, yes],
  [{ dueAt: '2026-01-15T12:00:00+02:00' }, { dueAt: '2026-01-15T10:00:00.000Z' }, yes],
  [{ day: { $gte: '2026-01-15' } }, { day: '2026-01-15' }, yes],
  [{ isOpen: false }, {}, no],
  // Two fields of one entity.
  [
    { closedAt: { $gt: { $field: 'dueAt' } } },
    { closedAt: '2026-02-01T00:00:00.000Z', dueAt: '2026-01-01T00:00:00.000Z' },
    yes,
  ],
  [{ closedAt: { $gt: { $field: 'dueAt' } } }, { closedAt: '2026-02-01T00:00:00.000Z' }, no],
  [{ closedAt: { $not: { $gt: { $field: 'dueAt' } } } }, {}, yes],
  [{ dueAt: { $lt: { $field: '$createdAt' } } }, { dueAt: '2026-01-09T00:00:00.000Z' }, yes],
  // Lists match by any value. An empty list counts as missing.
  [{ tags: 'x' }, { tags: ['y', 'x'] }, yes],
  [{ tags: 'x' }, { tags: ['xy'] }, no],
  [{ tags: { $in: ['a', 'x'] } }, { tags: ['y', 'x'] }, yes],
  [{ tags: { $ne: 'x' } }, { tags: ['y', 'x'] }, no],
  [{ tags: { $nin: ['x'] } }, {}, yes],
  [{ tags: [] }, {}, yes],
  [{ tags: { $ne: [] } }, { tags: ['y'] }, yes],
  [{ sizes: { $gt: 5 } }, { sizes: [1, 9] }, yes],
  [{ sizes: { $gt: 5, $lt: 4 } }, { sizes: [1, 9] }, yes],
  // Inside json, null is a value.
  [{ 'extra.a': null }, { extra: { a: null } }, yes],
  [{ 'extra.a': null }, { extra: {} }, no],
  [{ 'extra.a.b': 1 }, { extra: { a: { b: 1 } } }, yes],
  [{ 'extra.a': 1 }, { extra: { a: '1' } }, no],
  [{ extra: null }, {}, yes],
  // Across relations, separately for each condition.
  [{ 'parent.name': 'parent' }, { parent: parent.$id }, yes],
  [{ 'parent.tags': 'p' }, { parent: parent.$id }, yes],
  [{ 'parent.name': { $ne: 'x' } }, {}, yes],
  [{ 'watchers.name': 'watcher' }, { watchers: [parent.$id, watcher.$id] }, yes],
  [{ watchers: watcher.$id }, { watchers: [parent.$id] }, no],
  [{ children: null }, {}, yes],
  // Words and patterns.
  [{ $text: 'ADA love' }, { note: 'by Ada Lovelace' }, yes],
  [{ $text: 'lace' }, { note: 'by Ada Lovelace' }, no],
  [{ name: { $regex: '^a', $options: 'i' } }, { name: 'Ada' }, yes],
  // Combinations.
  [{ $or: [{ value: 1 }, { stage: 'New' }] }, { stage: 'New' }, yes],
  [{ $and: [{ value: 1 }, { stage: 'New' }] }, { stage: 'New' }, no],
  [{ $not: { $or: [] } }, {}, yes],
])('%j of %j: %s', (filter, fields, isMatch) => {
  expect(matches(parseFilter(filter, { schema: Ticket, lookup }), entity(fields), context)).toBe(isMatch)
})
