import { makeCatalog, Noun, nouns, type NounSchema } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderMoves, referencesOf } from './move-order.ts'

const builtIn = Object.values(nouns).map(({ $schema }) => $schema)

/** Checks each reference to another type: it is there before, or is set later. */
function check(all: readonly NounSchema[]): void {
  const steps = orderMoves(all)
  expect(steps.map(({ noun }) => noun.name).toSorted()).toEqual(all.map(({ name }) => name).toSorted())
  const names = new Set(all.map(({ name }) => name))
  const done = new Set<string>()
  for (const { noun, later } of steps) {
    for (const { name, to, required } of referencesOf(noun)) {
      const open = to.some((type) => type !== noun.name && names.has(type) && !done.has(type))
      if (!required) expect([noun.name, name, later.includes(name)]).toEqual([noun.name, name, open])
      else expect(later).not.toContain(name)
    }
    done.add(noun.name)
  }
}

test('the built-in types are ordered so that no reference is lost, and no required one is open', () => {
  check(builtIn)
  const done = new Set<string>()
  for (const { noun } of orderMoves(builtIn)) {
    for (const { to, required } of referencesOf(noun))
      if (required && to.length === 1) expect(to[0] === noun.name || done.has(to[0] ?? '')).toBe(true)
    done.add(noun.name)
  }
})

test('any types that refer to each other are ordered, in cycles too', () => {
  const names = ['Alpha', 'Beta', 'Gamma', 'Delta'] as const
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)), { maxLength: 12 }),
      (pairs) => {
        const own = names.map((name) => ({
          name,
          definition: {
            fields: {
              name: 'string?',
              ...Object.fromEntries(
                pairs.flatMap(([from, to], at) => (from === name ? [[`to${at}`, `-> ${to}.from${at}[]`]] : [])),
              ),
              ...Object.fromEntries(
                pairs.flatMap(([from, to], at) => (to === name ? [[`from${at}`, `<- ${from}.to${at}[]`]] : [])),
              ),
            },
          },
        }))
        const catalog = makeCatalog([], own)
        check(catalog.nouns)
      },
    ),
  )
  expect(orderMoves([Noun('Robot', { name: 'string!' }).$schema])).toMatchObject([{ later: [] }])
})
