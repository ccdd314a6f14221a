import { expect, test } from 'vitest'
import { parseEventPattern } from '../event/event-pattern.ts'
import { requireKnownTypes } from './require-known-types.ts'

test('a pattern of an entity type that the tenant does not have is refused, and one that may match is not', () => {
  const nouns = ['Contact', 'LineItem', 'Vehicle']
  for (const text of ['*', '*.Created', 'contact.*', 'LINEITEM.Created,Vehicle.*', 'Schema.*,Settings.*,rules.updated'])
    expect(() => requireKnownTypes(parseEventPattern(text), nouns)).not.toThrow()
  expect(() => requireKnownTypes(parseEventPattern('contact_1xXT0yih1T2k'), nouns)).not.toThrow()
  expect(() => requireKnownTypes(parseEventPattern('*.Created,Contct.created'), nouns)).toThrow(
    "type expects an entity type of the tenant, got 'contct'; did you mean 'Contact'?",
  )
})
