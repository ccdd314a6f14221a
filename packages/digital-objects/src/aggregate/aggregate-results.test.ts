import { expect, test } from 'vitest'
import { nouns } from '../nouns/all-nouns.ts'
import { toAggregateResults } from './aggregate-results.ts'
import { Groups } from './groups.ts'
import { parseAggregate } from './parse-aggregate.ts'

test('the greatest number is a result, and what is beyond it is refused', () => {
  const { $schema: schema } = nouns.Deal
  const aggregate = parseAggregate({ sum: 'value', avg: 'value' }, { schema, lookup: () => undefined })
  const groups = new Groups(aggregate)
  const add = (value: number): void => groups.addEntity({ key: [], name: '[]', values: [value, value] })
  add(Number.MAX_VALUE)
  const [result] = toAggregateResults(aggregate, groups.all).results
  expect(result).toMatchObject({ sum: { value: Number.MAX_VALUE }, avg: { value: Number.MAX_VALUE } })
  add(Number.MAX_VALUE)
  expect(() => toAggregateResults(aggregate, groups.all)).toThrow("the values of 'value' are too large")
})
