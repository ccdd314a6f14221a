import { expect, test } from 'vitest'
import { linearize, type Operation } from './linearize.ts'
import { type Input, registerModel, type Result } from './register-model.ts'

type Op = Operation<Input, Result>
const op = (start: number, end: number, input: Input, result: Result | undefined): Op => ({ start, end, input, result })
const set = (start: number, end: number, at: number, score: number, version: number): Op =>
  op(start, end, { kind: 'set', at, score }, [{ version, score }])
const get = (start: number, end: number, at: number, score: number, version: number): Op =>
  op(start, end, { kind: 'get', at }, [{ version, score }])
const list = (start: number, end: number, ...registers: [number, number][]): Op =>
  op(
    start,
    end,
    { kind: 'list' },
    registers.map(([version, score]) => ({ version, score })),
  )
const isLinearizable = (...history: Op[]): boolean => linearize(history, registerModel(2)).isLinearizable

test('a sequential history is accepted', () => {
  expect(isLinearizable(set(0, 1, 0, 5, 2), get(2, 3, 0, 5, 2), list(4, 5, [2, 5], [1, 0]))).toBe(true)
})

test('concurrent operations may take effect in either order', () => {
  expect(isLinearizable(set(0, 10, 0, 5, 3), set(0, 10, 0, 6, 2), get(11, 12, 0, 5, 3))).toBe(true)
})

test('a stale read is rejected', () => {
  expect(isLinearizable(set(0, 1, 0, 5, 2), get(2, 3, 0, 0, 1))).toBe(false)
})

test('a value read before it was written is rejected', () => {
  expect(isLinearizable(get(0, 1, 0, 5, 2), set(2, 3, 0, 5, 2))).toBe(false)
})

test('a lost update is rejected', () => {
  const setIf = (start: number, end: number, score: number): Op =>
    op(start, end, { kind: 'setIf', at: 0, score, version: 1 }, [{ version: 2, score }])
  expect(isLinearizable(setIf(0, 10, 5), setIf(0, 10, 6))).toBe(false)
})

test('two reads of all registers that see two writes in opposite orders are rejected', () => {
  expect(
    isLinearizable(set(0, 10, 0, 5, 2), set(0, 10, 1, 6, 2), list(1, 9, [2, 5], [1, 0]), list(1, 9, [1, 0], [2, 6])),
  ).toBe(false)
})

test('a write whose answer was lost may take effect, later or never', () => {
  const lost = op(0, Number.POSITIVE_INFINITY, { kind: 'set', at: 0, score: 5 }, undefined)
  expect(isLinearizable(lost, get(5, 6, 0, 0, 1), get(7, 8, 0, 5, 2))).toBe(true)
  expect(isLinearizable(lost, get(5, 6, 0, 0, 1))).toBe(true)
  expect(isLinearizable(lost, get(5, 6, 0, 5, 2), get(7, 8, 0, 0, 1))).toBe(false)
})
