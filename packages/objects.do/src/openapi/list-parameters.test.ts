// The patterns of parameters that name fields and relations accept what the parsers accept.

import { makeCatalog, type NounSchema, nouns, ObjectError, parseAggregate } from 'digital-objects'
import { expect, test } from 'vitest'
import { parseIncludes } from '../entities/parse-includes.ts'
import { aggregateParameters } from './aggregate-parameters.ts'
import type { Json } from './components.ts'
import { includeSchema } from './list-parameters.ts'

const catalog = makeCatalog(
  Object.values(nouns).map(({ $schema }) => $schema),
  [],
)
const { lookup } = catalog
/** Nouns that have relations to one Noun, to several and to any. */
const schemas = ['Contact', 'Comment', 'Ticket', 'Asset'].flatMap((name) => lookup(name) ?? [])
const relationNames = [...new Set(catalog.nouns.flatMap(relationsOf))]

test('the pattern of include has exactly the paths of two relations', () => {
  let described = 0
  for (const schema of schemas) {
    const matches = matcherOf(includeSchema(schema, lookup))
    for (const first of relationNames)
      for (const path of [
        first,
        ...(relationsOf(schema).includes(first) ? relationNames.map((second) => `${first}.${second}`) : []),
      ]) {
        const isAccepted = accepts(() => parseIncludes(schema, [path], lookup))
        if (isAccepted) described++
        expect(matches(path), `${schema.name}: ${path}`).toBe(isAccepted)
      }
  }
  expect(described).toBeGreaterThan(300)
})

test('an include of several paths of up to three relations is described', () => {
  const matches = matcherOf(includeSchema(nouns.Contact.$schema, lookup))
  expect(matches('organization.parent.deals,deals,manager.reports')).toBe(true)
  expect([matches(''), matches('deals,'), matches('organization.nobody'), matches('a.b.c.d')]).toEqual([
    false,
    false,
    false,
    false,
  ])
})

test('the patterns of an aggregate have exactly the fields that each function takes', () => {
  for (const schema of schemas) {
    for (const [parameter, { schemaOf }] of Object.entries(aggregateParameters).flatMap(([name, about]) =>
      'schemaOf' in about ? [[name, about] as const] : [],
    )) {
      const matches = matcherOf(schemaOf(schema))
      for (const name of [...Object.keys(schema.fields), '$version', '$createdAt', '$type', 'nothing'])
        for (const value of parameter === 'by' ? [name, `month(${name})`] : [name])
          expect(matches(value), `${schema.name}: ${parameter}=${value}`).toBe(
            accepts(() => parseAggregate({ [parameter]: value }, { schema, lookup })),
          )
    }
  }
})

test('expressions, and paths of an aggregate, are described', () => {
  const { by, sum } = aggregateParameters
  const groups = matcherOf(by.schemaOf(nouns.Deal.$schema))
  expect([groups('stage,month(closedAt),organization.industry'), groups('stage,,stage')]).toEqual([true, false])
  const sums = matcherOf(sum.schemaOf(nouns.Deal.$schema))
  const expressions = [
    'value*probability/100',
    'value, -(value - 1.5) * coalesce(probability, 1)',
    "match(stage, 'Won', value, 0)",
    'organization.healthScore+metadata.points',
  ]
  for (const expression of expressions) {
    expect(accepts(() => parseAggregate({ sum: expression }, { schema: nouns.Deal.$schema, lookup }))).toBe(true)
    expect(sums(expression), expression).toBe(true)
  }
})

function relationsOf({ fields }: NounSchema): readonly string[] {
  return Object.values(fields).flatMap(({ kind, name }) => (kind === 'reference' || kind === 'reverse' ? [name] : []))
}

function matcherOf(schema: Json | undefined): (text: string) => boolean {
  const pattern = new RegExp(String(schema?.['pattern'] ?? '(?!)'), 'u')
  return (text) => pattern.test(text)
}

function accepts(parse: () => unknown): boolean {
  try {
    parse()
    return true
  } catch (error) {
    if (error instanceof ObjectError) return false
    throw error
  }
}
