// Plans that clients make themselves: each member that is wrong is refused by name, and none reaches the conversion.

import { type JsonValue, makeNoun } from 'digital-objects'
import { expect, test } from 'vitest'
import { importer } from './importer.ts'

const Ship = makeNoun('Ship', { fields: { name: 'string!##', crew: 'integer?', tags: 'string[]#' } }).$schema
const column = { index: 0, header: 'Name', to: 'field', field: 'name', by: 'choice' }
const plan = { noun: 'Ship', system: '', columns: [column], match: 'name', zone: 'Europe/Berlin' }

test('a whole plan converts rows', () => {
  const convert = importer.converter({ ...plan, at: '2026-01-01T00:00:00Z', composesName: true }, Ship)
  expect(convert([2, 'Argo'])).toMatchObject({ line: 2, body: { name: 'Argo' } })
})

test('a value for all rows is in each of them, beside what their columns give', () => {
  const convert = importer.converter({ ...plan, values: { crew: 7, tags: ['old'] } }, Ship)
  for (const name of ['Argo', 'Vasa'])
    expect(convert([2, name])).toMatchObject({ body: { name, crew: 7, tags: ['old'] } })
})

const wrongColumns: readonly (readonly [string, JsonValue])[] = [
  ['index', -1],
  ['index', 0.5],
  ['index', 1_000_000],
  ['header', 7],
  ['to', 'secret'],
  ['field', 7],
  ['by', 'magic'],
  ['path', 'a.b'],
  ['path', Array.from({ length: 100 }, () => 'a')],
  ['values', ['x']],
  ['values', { a: 1 }],
  ['formats', 'dmy'],
  ['formats', { dates: 'ydm' }],
  ['formats', { decimal: ';' }],
  ['formats', { currency: 'EUR' }],
  ['stray', true],
]

test.each([
  ['noun', 'Deal'],
  ['system', 'Hub:spot'],
  ['system', null],
  ['zone', 'Nowhere/Else'],
  ['zone', 2],
  ['match', 'crew'],
  ['match', 'tags'],
  ['match', 'unknown'],
  ['match', 7],
  ['at', 'yesterday'],
  ['composesName', 'yes'],
  ['convertsNumbers', false],
  ['values', 'all'],
  ['values', { unknown: 1 }],
  ['columns', 'all'],
  ['stray', 1],
] as const)("a plan whose '%s' is %j is refused by that name", (name, value) => {
  expect(() => importer.converter({ ...plan, [name]: value }, Ship)).toThrow(
    expect.objectContaining({ code: 'invalid_body', field: `plan.${name}` }),
  )
})

test.each(wrongColumns)("a column whose '%s' is %j is refused by that name", (name, value) => {
  const columns = [column, { ...column, [name]: value }]
  expect(() => importer.converter({ ...plan, columns }, Ship)).toThrow(
    expect.objectContaining({ code: 'invalid_body', field: expect.stringContaining(`plan.columns[1].${name}`) }),
  )
})

test('a cell names at most 1,000 entities, as text or as a list', () => {
  const Fleet = makeNoun('Fleet', { fields: { name: 'string!', ships: '-> Ship.fleets[]' } }).$schema
  const ships = { index: 0, header: 'Ships', to: 'field', field: 'ships', by: 'choice' }
  const convert = importer.converter({ ...plan, noun: 'Fleet', match: null, columns: [ships] }, Fleet)
  const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `s${at}`)
  expect(convert([2, names(1_000).join(';')])).toMatchObject({ references: [{ field: 'ships' }] })
  for (const cell of [names(1_001).join(';'), [names(1_001)]])
    expect(convert([2, cell])).toMatchObject({ fault: expect.stringContaining('at most 1000 names, got 1001') })
})
