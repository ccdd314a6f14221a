import { expect, test } from 'vitest'
import { HarmfulInputs } from './harmful-inputs.ts'

const minute = 60_000

test('one actor alone never disables a function, and is refused after three inputs for a while', () => {
  const inputs = new HarmfulInputs()
  const ada = { actor: 'ada', nowMs: 0 }
  for (const input of ['a', 'b', 'b', 'b']) expect(inputs.add('f 1', { actor: 'ada', input, atMs: 0 })).toBe(false)
  expect(inputs.refuses('f 1', ada)).toBe(false)
  expect(inputs.add('f 1', { actor: 'ada', input: 'c', atMs: minute })).toBe(false)
  expect(inputs.refuses('f 1', { ...ada, nowMs: 2 * minute })).toBe(true)
  expect(inputs.refuses('f 1', { actor: 'bea', nowMs: 2 * minute })).toBe(false)
  expect(inputs.refuses('f 2', { ...ada, nowMs: 2 * minute })).toBe(false)
  expect(inputs.refuses('f 1', { ...ada, nowMs: 5 * minute })).toBe(false)
})

test('inputs of three actors within five minutes show that the function is at fault', () => {
  const inputs = new HarmfulInputs()
  expect(inputs.add('f 1', { actor: 'ada', input: 'a', atMs: 0 })).toBe(false)
  expect(inputs.add('f 1', { actor: 'bea', input: 'a', atMs: 5 * minute })).toBe(false)
  expect(inputs.add('f 1', { actor: 'cy', input: 'a', atMs: 6 * minute })).toBe(false)
  expect(inputs.add('f 1', { actor: 'dan', input: 'a', atMs: 7 * minute })).toBe(true)
})
