import { expect, test } from 'vitest'
import { toTable } from './table.ts'

const rows = [
  { $id: 'contact_0123456789AB', name: 'Ada', title: 'x'.repeat(60), phone: '1' },
  { $id: 'contact_0123456789AC', name: 'Bo' },
]
const table = (width: number): string[] =>
  toTable(rows, { columns: ['$id', 'name', 'title', 'phone'], width, heading: (text) => text.toUpperCase() })

test('columns are aligned and long cells truncated', () => {
  expect(table(100)).toEqual([
    `$ID                   NAME  TITLE${' '.repeat(37)}PHONE`,
    `contact_0123456789AB  Ada   ${'x'.repeat(39)}…  1`,
    'contact_0123456789AC  Bo',
  ])
})

test('the last column that fits is truncated, but never below a useful width', () => {
  expect(table(40)[1]).toBe(`contact_0123456789AB  Ada   ${'x'.repeat(11)}…`)
  expect(table(30)[1]).toBe('contact_0123456789AB  Ada')
  expect(table(1)[1]).toBe('contact_0123456789AB')
})

test('a last column that must be whole is left to the terminal to wrap', () => {
  const line = toTable(rows, { columns: ['name', 'title'], width: 20, heading: (text) => text, isLastWhole: true })[1]
  expect(line).toBe(`Ada   ${'x'.repeat(60)}`)
})
