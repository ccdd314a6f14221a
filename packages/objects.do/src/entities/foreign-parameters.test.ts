import { Contact, Noun } from 'digital-objects'
import { expect, test } from 'vitest'
import { refuseForeignParameter } from './foreign-parameters.ts'

test.each([
  ['page', 'cursor'],
  ['page[number]', 'cursor'],
  ['offset', 'cursor'],
  ['starting_after', 'cursor'],
  ['per_page', 'limit'],
  ['pageSize', 'limit'],
  ['q', '$text'],
  ['search', '$text'],
  ['$text', '$text'],
  ['order', 'sort'],
  ['sort_by', 'sort'],
  ['where', 'filter'],
  ['select', 'fields'],
  ['expand', 'include'],
])('%s is refused, and the refusal names %s', (name, own) => {
  expect(() => refuseForeignParameter(name, Contact.$schema)).toThrow(
    expect.objectContaining({ code: 'invalid_parameter', field: name, message: expect.stringContaining(`use ${own}`) }),
  )
})

test('a field of the Noun filters, whatever its name', () => {
  const { $schema } = Noun('Chapter', { page: 'integer', order: 'integer', text: 'text', from: '-> Chapter' })
  for (const name of ['page', 'order', 'text', 'from.page', '$id', 'name'])
    expect(() => refuseForeignParameter(name, $schema)).not.toThrow()
})
