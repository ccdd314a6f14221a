import { expect, test } from 'vitest'
import { Noun } from '../noun/noun.ts'
import { defaultSort, parseSort } from './parse-sort.ts'

const { $schema } = Noun('Deal', {
  name: 'string',
  value: 'integer',
  tags: 'string[]',
  extra: 'json',
  owner: '-> User',
  parts: '<- Part.deal[]',
})

const value = { field: 'value', storage: 'real' }
test.each([
  ['value', [{ ...value, direction: 1 }]],
  [
    '-value, name',
    [
      { ...value, direction: -1 },
      { field: 'name', storage: 'text', direction: 1 },
    ],
  ],
  [
    ['-value', '$id'],
    [
      { ...value, direction: -1 },
      { field: '$id', storage: 'text', direction: 1 },
    ],
  ],
  [
    { value: -1, owner: 1 },
    [
      { ...value, direction: -1 },
      { field: 'owner', storage: 'text', direction: 1 },
    ],
  ],
  ['-$createdAt', defaultSort],
])('%j', (sort, terms) => {
  expect(parseSort(sort, $schema)).toEqual(terms)
})

test.each([
  ['', 'sort', "Deal has no field ''"],
  ['vlaue', 'vlaue', "did you mean 'value'?"],
  ['createdAt', 'createdAt', "did you mean '$createdAt'?"],
  ['tags', 'tags', 'fields of Deal itself with single values'],
  ['extra', 'extra', 'fields of Deal itself with single values'],
  ['owner.name', 'owner.name', 'fields of Deal itself with single values'],
  ['parts', 'parts', "unknown Noun 'Part'"],
  ['value,-value', 'value', "sort names 'value' twice"],
  ['$id,$version,$createdAt,$updatedAt,name', 'sort', 'expects 1 to 4 fields, got 5'],
  [{ value: 2 }, 'value', "expects 1 or -1 for 'value'"],
  [7, 'sort', 'expects a string such as'],
])('%j is refused', (sort, field, message) => {
  expect(() => parseSort(sort, $schema)).toThrow(
    expect.objectContaining({ code: 'invalid_sort', field, message: expect.stringContaining(message) }),
  )
})
