import { expect, test } from 'vitest'
import { nouns } from '../nouns/all-nouns.ts'
import type { NounLookup } from '../noun/schema.ts'
import { ObjectError } from '../base/object-error.ts'
import { type AggregateParameters, parseAggregate } from './parse-aggregate.ts'

const lookup: NounLookup = (name) => Object.values(nouns).find((noun) => noun.$name === name)?.$schema
const parse = (parameters: AggregateParameters) => parseAggregate(parameters, { schema: nouns.Deal.$schema, lookup })

function fault(parameters: AggregateParameters): string {
  try {
    parse(parameters)
  } catch (error) {
    if (error instanceof ObjectError) return `${error.code} ${error.field} ${error.message}`
    throw error
  }
  return 'accepted'
}

test('groups, values and their order are parsed from the parameters of a URL', () => {
  const { by, measures, sort, limit, zone } = parse({
    by: 'stage, month(closedAt),organization.industry',
    sum: 'value,coalesce(wonAmount, value)*probability/100',
    distinct: 'organization',
    sort: '-sum(value),stage',
    limit: '5',
    zone: 'Europe/Berlin',
  })
  expect(by.map(({ name, storage, bucket }) => [name, storage, bucket])).toEqual([
    ['stage', 'text', undefined],
    ['month(closedAt)', 'time', 'month'],
    ['organization.industry', 'text', undefined],
  ])
  expect(measures.map(({ kind, name }) => `${kind}(${name})`)).toEqual([
    'sum(value)',
    'sum(coalesce(wonAmount, value)*probability/100)',
    'distinct(organization)',
  ])
  expect(sort).toEqual([
    { of: { measure: 0 }, direction: -1 },
    { of: { by: 0 }, direction: 1 },
  ])
  expect([limit, zone]).toEqual([5, 'Europe/Berlin'])
})

test('operators bind as in arithmetic', () => {
  const value = parse({ sum: '1+2*3-4/(5-6)' }).measures[0]?.value
  expect(value).toEqual({
    kind: 'binary',
    operator: '-',
    left: {
      kind: 'binary',
      operator: '+',
      left: { kind: 'number', value: 1 },
      right: { kind: 'binary', operator: '*', left: { kind: 'number', value: 2 }, right: { kind: 'number', value: 3 } },
    },
    right: {
      kind: 'binary',
      operator: '/',
      left: { kind: 'number', value: 4 },
      right: { kind: 'binary', operator: '-', left: { kind: 'number', value: 5 }, right: { kind: 'number', value: 6 } },
    },
  })
})

test.each([
  [{ by: 'stag' }, "invalid_aggregate by by: Deal has no field 'stag'; did you mean 'stage'?"],
  [{ by: 'activities' }, "leads to many entities by 'activities'; expected references to one entity each"],
  [{ by: 'minute(closedAt)' }, "unknown function 'minute'; expected day, week, month, quarter, year"],
  [{ by: 'month(name)' }, "month expects a datetime or a date, and 'name' is none"],
  [{ by: 'stage,stage' }, "names 'stage' twice"],
  [{ by: 'a,b,c,d,e,f,g' }, 'by'],
  [{ sum: 'name' }, "invalid_aggregate sum sum: 'name' holds no numbers"],
  [{ sum: 'closedAt' }, "'closedAt' holds no numbers"],
  [{ sum: 'name*2' }, "'name' is a string; expected a number"],
  [{ avg: 'value*' }, "expected a field or a number, got the end in 'value*'"],
  [{ avg: 'value value' }, "expected an operator or the end, got 'value'"],
  [{ avg: 'value;1' }, "unexpected ';1' in 'value;1'"],
  [{ avg: 'sqrt(value)' }, "unknown function 'sqrt'; expected coalesce or match"],
  [{ avg: "match(stage, 'Won')" }, "expected ','"],
  [{ avg: "match(value, 'Won', 1)" }, "match compares strings, and 'value' is none"],
  [{ avg: `${'('.repeat(40)}value` }, 'nested at most 16 deep'],
  [{ avg: Array.from({ length: 80 }, () => 'value').join('+') }, 'an expression has at most 64 parts'],
  [{ zone: 'Mars/Olympus' }, "zone: expects the name of a time zone such as Europe/Berlin, got 'Mars/Olympus'"],
  [{ sum: 'value', sort: '-value' }, "sort: expects count, sum(value), got 'value'"],
  [{ limit: '0' }, 'limit: expects a whole number from 1 to 10000'],
])('%o is refused with the parameter at fault', (parameters, expected) => {
  expect(fault(parameters)).toContain(expected)
})
