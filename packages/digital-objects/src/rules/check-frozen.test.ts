import { expect, test } from 'vitest'
import { crudVerb } from '../noun/make-schema.ts'
import { makeNoun } from '../noun/noun.ts'
import { checkFrozen } from './check-frozen.ts'

interface Given {
  readonly verb: 'create' | 'update' | 'delete'
  readonly before?: object
  readonly after?: object
}

test("the state of another entity freezes a Noun's fields, for callers and for additions", () => {
  const page = makeNoun('Page', {
    fields: { text: 'string?', book: '-> Book.pages' },
    frozen: [{ fields: ['text'], while: { field: 'book.status', values: ['Printed'] }, onCreate: true, delete: true }],
  }).$schema
  const codeOf = (book: 'draft' | 'printed', change: Given): string => {
    try {
      checkFrozen(page, {
        verb: crudVerb(change.verb),
        input: {},
        before: change.before === undefined ? undefined : { ...change.before, book },
        after: change.after === undefined ? undefined : { ...change.after, book },
        related: (id) => ({ status: id === 'printed' ? 'Printed' : 'Draft' }),
      })
      return 'ok'
    } catch (error) {
      return error instanceof Error ? error.message : ''
    }
  }
  const changes: readonly Given[] = [
    { verb: 'create', after: { text: 'a' } },
    { verb: 'update', before: { text: 'a' }, after: { text: 'b' } },
    { verb: 'delete', before: { text: 'a' } },
  ]
  expect(changes.map((change) => codeOf('draft', change))).toEqual(['ok', 'ok', 'ok'])
  expect(changes.map((change) => codeOf('printed', change))).toEqual([
    'a Page cannot be added while book.status is Printed',
    "Page.update cannot change 'text' while book.status is Printed",
    'a Page cannot be deleted while book.status is Printed: its record is kept',
  ])
})
