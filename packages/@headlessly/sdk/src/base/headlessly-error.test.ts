import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { HeadlesslyError } from './headlessly-error.ts'

test('a console shows what an error has, and nothing that it lacks', () => {
  const error = new HeadlesslyError({ code: 'conflict', message: 'it is taken', field: 'email' })
  expect(inspect(error)).toContain("field: 'email'")
  expect(inspect(error)).not.toContain('undefined')
  expect(error.status).toBeUndefined()
})
