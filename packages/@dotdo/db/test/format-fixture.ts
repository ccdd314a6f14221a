// Rows of the small fixture file that is kept for each format ever written. They come from formulas, so that they are
// the same everywhere.

import type { EntityFields } from 'digital-objects'
import type { EntityRow } from '../src/parquet/entity-row.ts'
import { columnsOf, everyType } from './entity-files.ts'

export const fixtureColumns = columnsOf(everyType)
export const fixtureGroupRows = 25
export const fixtureKey = 'acme/entities/Thing/1.parquet'

export const fixtureRows: readonly EntityRow[] = Array.from({ length: 40 }, (_, at) => ({
  id: `thing_1VbZ0k${String(at).padStart(6, '0')}`,
  version: 1 + (at % 3),
  createdAtMs: Date.UTC(2026, 0, 1) + at * 61_001,
  createdBy: at % 4 === 0 ? 'user_1VbZ0kAda000' : 'anonymous',
  updatedAtMs: Date.UTC(2026, 1, 1) + at * 7_013,
  seq: 1_000 + 3 * at,
  isDeleted: at % 10 === 9,
  fields: at % 10 === 9 ? {} : fieldsOf(at),
}))

function fieldsOf(at: number): EntityFields {
  const text = `text ${at} äöü 😀`
  const number = at * 1.25 - 10
  const datetime = new Date(Date.UTC(1970, 0, 1) + (at - 5) * 86_400_000_123).toISOString()
  const date = datetime.slice(0, 10)
  const reference = `thing_1VbZ0k${String((at * 7) % 40).padStart(6, '0')}`
  const always = {
    string: text,
    stringIndexed: text.repeat(1 + (at % 5)),
    stringUnique: `unique ${at}`,
    number,
    numberIndexed: Math.round(number),
    datetime,
    datetimeIndexed: datetime,
    date,
    dateIndexed: date,
    json: { at, nested: { text, list: [at, null, true] } },
    enum: at % 2 === 0 ? 'Small' : 'Big',
  }
  if (at % 3 === 0) return always
  return {
    ...always,
    numberUnique: at,
    boolean: at % 2 === 0,
    booleanIndexed: at % 5 === 0,
    datetimeUnique: datetime,
    dateUnique: date,
    url: `https://example.com/${at}`,
    urlIndexed: `https://example.com/${at % 4}`,
    urlUnique: `https://example.org/${at}`,
    email: `a${at}@example.com`,
    emailIndexed: `a${at % 4}@example.com`,
    emailUnique: `a${at}@example.org`,
    id: reference,
    idIndexed: reference,
    idUnique: `thing_1VbZ0k${String(at).padStart(6, '9')}`,
    enumIndexed: 'Small',
    reference,
  }
}
