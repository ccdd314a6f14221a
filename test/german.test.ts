// The console says in German what the catalog names: every type, field, value, verb and event that ships.

import { agentsService } from 'agents.do'
import { databaseService } from 'database.do'
import {
  describeSchema,
  describeVerb,
  makeCatalog,
  type NounSchema,
  nouns,
  serviceNouns,
  systemNoun,
  systemNounNames,
} from 'digital-objects'
import { eventsService } from 'events.do'
import { functionsService } from 'functions.do'
import { paymentsService } from 'payments.do'
import { expect, test } from 'vitest'
import { eventLabel, fieldLabel, nounLabel, valueLabel, verbLabel } from '../apps/console/src/base/names.ts'
import { loadLanguage, withRest } from '../apps/console/src/base/language.ts'
import { equalInGerman } from './equal-in-german.ts'

const { words: wordsDe, translate = () => undefined } = await withRest(await loadLanguage('de'))
const random = (count: number): Uint8Array => new Uint8Array(count)
const outside = (): never => {
  throw new Error('nothing is sent here')
}
const services = [
  functionsService({ programs: outside }),
  databaseService({ random, now: Date.now }),
  eventsService({ random, now: Date.now }),
  agentsService({ send: outside, ai: undefined }),
  paymentsService({ send: outside, server: undefined, now: Date.now }),
]
const brought = services.flatMap((service) => service.nouns ?? [])
const catalog = makeCatalog([...Object.values(nouns).map(({ $schema }) => $schema), ...brought], [])
const schemas: readonly NounSchema[] = [...catalog.nouns, ...systemNounNames.flatMap((name) => systemNoun(name) ?? [])]

interface Named {
  /** The key of the word, such as `verb.win`. */
  readonly key: string
  readonly place: string
  readonly english: string
  readonly german: string
}

function* namesOf({ name: noun, fields, verbs }: NounSchema): Generator<Named> {
  for (const form of ['one', 'many'] as const) {
    const key = form === 'one' ? noun : `${noun}s`
    yield { key, place: noun, english: nounLabel(noun, {}, form), german: nounLabel(noun, wordsDe, form) }
  }
  for (const { name, ...field } of Object.values(fields)) {
    const place = `${noun}.${name}`
    yield { key: name, place, english: fieldLabel(name, {}), german: fieldLabel(name, wordsDe, noun) }
    for (const value of field.kind === 'enum' ? field.values : [])
      yield {
        key: `value.${value}`,
        place,
        english: valueLabel(value, {}),
        german: valueLabel(value, wordsDe, noun),
      }
  }
  for (const { name, event } of Object.values(verbs)) {
    const place = `${noun}.${name}`
    yield { key: `verb.${name}`, place, english: verbLabel(name, {}), german: verbLabel(name, wordsDe, noun) }
    yield { key: `event.${event}`, place, english: eventLabel(event, {}), german: eventLabel(event, wordsDe, noun) }
  }
}

const names = schemas.flatMap((schema) => [...namesOf(schema)])

test('every type, field, value, verb and event that ships has a German word', () => {
  expect(Object.keys(nouns)).toHaveLength(35)
  expect(schemas.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(serviceNouns)))
  expect(names.length).toBeGreaterThan(2000)
  const missing = names.filter(
    ({ key, place }) => wordsDe[key] === undefined && wordsDe[`${place.split('.')[0]}.${key}`] === undefined,
  )
  expect(missing.map(({ key, place }) => `${key} of ${place}`)).toEqual([])
})

test('a German word differs from the English one, except those that are listed as equal', () => {
  const equal = new Set(names.filter(({ english, german }) => english === german).map(({ english }) => english))
  expect([...equal].toSorted()).toEqual(equalInGerman)
})

test('a word of one type is there because the word of the others is another', () => {
  const placed = new Set(schemas.flatMap((schema) => [...namesOf(schema)].map(({ key }) => `${schema.name}.${key}`)))
  const own = Object.keys(wordsDe).filter((key) => /^[A-Z]\w*\./.test(key))
  expect(own.length).toBeGreaterThan(10)
  expect(own.filter((key) => !placed.has(key))).toEqual([])
  expect(own.filter((key) => wordsDe[key] === wordsDe[key.slice(key.indexOf('.') + 1)])).toEqual([])
})

test('what each type is and what each verb does is said in German', () => {
  const texts = schemas
    .map(describeSchema)
    .flatMap(({ name, about, verbs }) =>
      [about, ...Object.values(verbs).map(describeVerb)].flatMap((text) =>
        text === undefined ? [] : [{ name, text }],
      ),
    )
  expect(texts.length).toBeGreaterThan(300)
  expect(texts.filter(({ name, text }) => translate(text, name) === undefined)).toEqual([])
})

/** Types of whose fields each description is German. Those of the others are English so far. */
const describedTypes = [
  'User',
  'ApiKey',
  'Organization',
  'Contact',
  'Lead',
  'Deal',
  'Activity',
  'Customer',
  'Product',
  'Plan',
  'Price',
  'Subscription',
  'Invoice',
  'Payment',
  'Project',
  'Issue',
  'Comment',
  'Ticket',
  'Campaign',
  'Message',
]

test('what the fields of the types of daily work hold is said in German', () => {
  const texts = schemas
    .filter(({ name }) => describedTypes.includes(name))
    .map(describeSchema)
    .flatMap(({ name, fields }) =>
      Object.values(fields).flatMap(({ description }) => (description === undefined ? [] : [{ name, description }])),
    )
  expect(texts.length).toBeGreaterThan(500)
  expect(texts.filter(({ name, description }) => translate(description, name) === undefined)).toEqual([])
})
