import type { ObjectError } from 'digital-objects'
import { expect, test } from 'vitest'
import { parseRunBody } from './parse-run-body.ts'

test('a run is atomic and real unless the body says otherwise', () => {
  expect(parseRunBody('{"code":"() => 1"}')).toMatchObject({ isAtomic: true, isDryRun: false })
  expect(parseRunBody('{"code":"() => 1","atomic":false}')).toMatchObject({ isAtomic: false, isDryRun: false })
  expect(parseRunBody('{"code":"() => 1","dryRun":true,"given":[1]}')).toMatchObject({ isDryRun: true, given: [1] })
})

test.each([
  ['{', 'body'],
  ['[]', 'body'],
  ['{"code":"() => 1","other":1}', 'other'],
  ['{"code":"() => 1","atomic":"no"}', 'atomic'],
  ['{"code":"() => 1","dryRun":1}', 'dryRun'],
  ['{"code":"() => 1","atomic":false,"dryRun":true}', 'dryRun'],
])('%s is refused, naming %s', (text, field) => {
  let refusal: unknown
  try {
    parseRunBody(text)
  } catch (error) {
    refusal = error
  }
  expect((refusal as ObjectError).field).toBe(field)
})
