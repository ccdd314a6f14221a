import { expect, test } from 'vitest'
import { Noun } from '../noun/noun.ts'
import { nouns } from '../nouns/all-nouns.ts'
import { extend } from './extend.ts'

test('an extended Noun has the old and the added fields and verbs, and the original does not change', () => {
  const before = JSON.stringify(nouns.Subscription)
  const added = { churnReason: 'Price | Feature', cheer: 'Cheered' } as const
  const Subscription = extend(nouns.Subscription, added, { descriptions: { churnReason: 'Why it was cancelled.' } })
  const { name, idPrefix, fields, verbs, version, definition } = Subscription.$schema
  expect([name, idPrefix]).toEqual(['Subscription', 'subscription'])
  expect(Object.keys(fields)).toEqual([...Object.keys(nouns.Subscription.$schema.fields), 'churnReason'])
  expect(Object.keys(verbs)).toEqual([...Object.keys(nouns.Subscription.$schema.verbs), 'cheer'])
  expect(fields['churnReason']).toMatchObject({ kind: 'enum', values: ['Price', 'Feature'] })
  expect(definition.descriptions).toMatchObject({ churnReason: 'Why it was cancelled.' })
  expect(Subscription.$definition.churnReason).toBe('Price | Feature')
  expect(version).not.toBe(nouns.Subscription.$schema.version)
  expect(JSON.stringify(nouns.Subscription)).toBe(before)
})

test('an added enum replaces the values, and added transitions join the existing ones', () => {
  const Lamp = Noun(
    'Lamp',
    { mood: 'On | Off', light: 'Lit' },
    { state: 'mood', transitions: [{ from: ['Off'], verb: 'light', to: 'On' }] },
  )
  const { fields, transitions } = extend(
    Lamp,
    { mood: 'On | Off | Broken', smash: 'Smashed' },
    { transitions: [{ from: ['On', 'Off'], verb: 'smash', to: 'Broken', irreversible: true }] },
  ).$schema
  expect(fields['mood']).toMatchObject({ values: ['On', 'Off', 'Broken'] })
  expect(transitions.map(({ verb, to }) => [verb, to])).toEqual([
    ['light', 'On'],
    ['smash', 'Broken'],
  ])
})

test('a wrong addition is refused, and the error names the field', () => {
  const text: string = 'strng'
  expect(() => extend(nouns.Deal, { mood: text })).toThrow("Deal.mood expects a type such as 'string!'")
  expect(() => extend(nouns.Deal, { get: 'Gotten' })).toThrow("'get' cannot be the name of a field or verb")
})
