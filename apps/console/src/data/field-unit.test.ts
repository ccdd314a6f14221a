import { expect, test } from 'vitest'
import { unitOf } from './field-unit.ts'

test('a number has the unit that its type or description names, and another field has none', () => {
  const major = 'Value of the deal in major units of currency, such as 1200.50.'
  expect(unitOf({ type: 'money' })).toBe('minor')
  expect(unitOf({ type: 'number', description: major })).toBe('major')
  expect(unitOf({ type: 'number', description: 'Cost of all calls so far, in major currency units.' })).toBe('major')
  expect(unitOf({ type: 'integer', description: 'Discount in percent, from 0 to 100.' })).toBe('percent')
  expect(unitOf({ type: 'number', description: 'Length in metres.' })).toBeUndefined()
  expect(unitOf({ type: 'number' })).toBeUndefined()
  expect(unitOf({ type: 'text', description: major })).toBeUndefined()
})
