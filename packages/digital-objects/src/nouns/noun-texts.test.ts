// The descriptions of the built-in Nouns: none is missing, and each is one sentence.

import { expect, test } from 'vitest'
import type { NounSchema } from '../noun/schema.ts'
import { effectsOf } from '../verb/apply-verb.ts'
import { nouns } from './all-nouns.ts'
import { serviceNouns } from './service-nouns.ts'
import { nounTexts } from './all-texts.ts'

const charactersMax = 120

interface Sentence {
  /** `Contact`, `Contact.email` */
  readonly place: string
  readonly name: string
  readonly text: string
}
const sentences: readonly Sentence[] = Object.entries(nounTexts).flatMap(([noun, { about, descriptions }]) => [
  { place: noun, name: noun, text: about },
  ...Object.entries(descriptions).map(([name, text]) => ({ place: `${noun}.${name}`, name, text })),
])

test('exactly the Nouns, their fields and their verbs have a description', () => {
  expect(Object.keys(nounTexts)).toEqual([...Object.keys(nouns), ...Object.keys(serviceNouns)])
  for (const [name, noun] of Object.entries({ ...nouns, ...serviceNouns })) {
    const schema: NounSchema = noun.$schema
    const verbs = Object.values(schema.verbs).filter((verb) => verb.category === 'custom')
    expect(Object.keys(nounTexts[name]?.descriptions ?? {}), name).toEqual([
      ...Object.keys(schema.fields),
      ...verbs.map((verb) => verb.name),
    ])
  }
  expect(sentences).not.toHaveLength(0)
})

test('each description is one short sentence with a capital and a period', () => {
  const wrong = sentences.filter(({ text }) => !/^[A-Z$][^\n]*[^.\s]\.$/.test(text) || /[.!?] +[A-Z]/.test(text))
  expect(wrong).toEqual([])
  expect(sentences.filter(({ text }) => text.length > charactersMax)).toEqual([])
})

test('a description says more than the name', () => {
  const words = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[^a-z]/g, '')
      .replace(/^(?:the|an?)(?=.)/, '')
  expect(sentences.filter(({ name, text }) => words(text) === words(name) || text.split(' ').length < 2)).toEqual([])
})

test('no two fields of a Noun have the same description', () => {
  for (const [name, { descriptions }] of Object.entries(nounTexts)) {
    const texts = Object.values(descriptions)
    expect(new Set(texts).size, name).toBe(texts.length)
  }
})

test('the description of a verb, or of the field, names each field that the verb sets and the state it sets', () => {
  let fields = 0
  for (const noun of Object.values(nouns)) {
    const schema: NounSchema = noun.$schema
    const texts = nounTexts[noun.$name]?.descriptions ?? {}
    for (const verb of Object.values(schema.verbs).filter(({ category }) => category === 'custom')) {
      const place = `${schema.name}.${verb.name}`
      const text = texts[verb.name] ?? ''
      for (const [name, effect] of Object.entries(effectsOf(schema, verb))) {
        expect(has(text, name) || has(texts[name] ?? '', verb.name), `${place} sets ${name}`).toBe(true)
        if (effect.kind === 'literal') expect(has(text, String(effect.value)), `${place} sets ${name}`).toBe(true)
        fields++
      }
      const aliases = Object.keys(verb.effect.argumentAliases ?? {})
      expect(
        aliases.length === 0 || aliases.some((alias) => has(text, alias)),
        `${place} takes ${aliases.join()}`,
      ).toBe(true)
      expect(has(text, 'without an id, creates'), `${place} creates`).toBe(verb.effect.creates === true)
    }
  }
  expect(fields).toBeGreaterThan(100)
})

function has(text: string, words: string): boolean {
  return new RegExp(`\\b${words}\\b`).test(text)
}
