import { expect, test } from 'vitest'
import { matchesEventPattern, parseEventPattern } from './event-pattern.ts'
import { ObjectError } from '../base/object-error.ts'

const contact = 'contact_0000010000aB'
const deal = 'deal_0000010000aB'
const events = [
  { type: 'Contact.Created', target: contact },
  { type: 'Contact.Qualified', target: contact },
  { type: 'Deal.Created', target: deal },
  { type: 'Deal.Closed', target: deal },
  { type: 'FeatureFlag.Created', target: 'featureflag_0000010000aB' },
]
const matchingTypes = (text: string): string[] => {
  const pattern = parseEventPattern(text)
  return events.filter((event) => matchesEventPattern(pattern, event)).map(({ type }) => type)
}

test.each([
  ['*', events.map(({ type }) => type)],
  ['*.*', events.map(({ type }) => type)],
  ['Deal.*', ['Deal.Created', 'Deal.Closed']],
  ['Deal.Closed', ['Deal.Closed']],
  ['*.Created', ['Contact.Created', 'Deal.Created', 'FeatureFlag.Created']],
  ['featureflag.CREATED', ['FeatureFlag.Created']],
  [deal, ['Deal.Created', 'Deal.Closed']],
  [`Contact.${contact}.*`, ['Contact.Created', 'Contact.Qualified']],
  [`contact.${contact}.*`, ['Contact.Created', 'Contact.Qualified']],
  [`Deal.Closed, ${contact}`, ['Contact.Created', 'Contact.Qualified', 'Deal.Closed']],
  ['Dea.*', []],
  ['Deal.Close', []],
  [`deal_0000010000ab`, []],
])('%s matches %j', (text, types) => {
  expect(matchingTypes(text)).toEqual(types)
})

test.each([
  '',
  ',',
  'Deal',
  'Deal.',
  '.Closed',
  'Deal.Closed.Now',
  'De*.Closed',
  'deal_short',
  `Deal.${contact}.*`,
  `Contact.${contact}.Created`,
  'Deal.Closed,',
  Array.from({ length: 17 }, (_, at) => `Deal.V${at}`).join(','),
  `${'A'.repeat(2_000)}.*`,
])('%j is refused', (text) => {
  expect(() => parseEventPattern(text)).toThrow(ObjectError)
  expect(() => parseEventPattern(text)).toThrow(expect.objectContaining({ code: 'invalid_parameter', field: 'type' }))
})

test('up to 16 patterns may be joined', () => {
  const text = Array.from({ length: 16 }, (_, at) => `Noun${at}.*`).join(',')
  expect(parseEventPattern(text).anyOf).toHaveLength(16)
})

test('equivalent spellings of a pattern have one canonical text, which parses to the same pattern', () => {
  const { text } = parseEventPattern('Deal.*,*.created')
  expect(parseEventPattern('*.Created, deal.*,DEAL.*').text).toBe(text)
  expect(parseEventPattern(text)).toEqual(parseEventPattern('Deal.*,*.created'))
  expect(parseEventPattern(`Contact.${contact}.*`).text).toBe(parseEventPattern(contact).text)
})
