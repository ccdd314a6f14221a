import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nouns } from '../nouns/all-nouns.ts'
import { type Authority, fullAuthority, type NounAuthority, type RowRule } from './authority.ts'
import { compileAuthority } from './compile-authority.ts'
import { intersectAuthorities } from './intersect-authorities.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const lookup = (name: string) => (name === 'Deal' || name === 'Contact' ? nouns[name].$schema : undefined)

const rule: fc.Arbitrary<RowRule> = fc.constantFrom<RowRule>('all', 'none', { name: '$me' }, { name: 'b' })
const granted: fc.Arbitrary<NounAuthority> = fc.record({
  read: rule,
  write: rule,
  hidden: fc.subarray(['name', 'value', 'email']),
  verbs: fc.oneof(fc.constant('all' as const), fc.subarray(['create', 'update', 'win'])),
})
const authority = (who: string): fc.Arbitrary<Authority> =>
  fc.record({ deal: fc.option(granted, { nil: undefined }), others: granted }).map(({ deal, others }) => ({
    who,
    nouns: deal === undefined ? {} : { Deal: { ...deal, hidden: deal.hidden.filter((name) => name !== 'email') } },
    others,
  }))

/** Whether a rule of the caller `who` selects an entity with this name. */
function selects(compiled: RowRule, who: string, name: string): boolean {
  if (typeof compiled === 'string') return compiled === 'all'
  return Object.entries(compiled).every(([key, value]) =>
    key === '$and' && Array.isArray(value)
      ? value.every((part) => selects(part as RowRule, who, name))
      : (value === '$me' ? who : value) === name,
  )
}

test(`what two callers have both is exactly what each of them has (seed ${seed})`, () => {
  fc.assert(
    fc.property(authority('ada'), authority('bo'), (first, second) => {
      const both = intersectAuthorities(first, second, lookup)
      expect(compileAuthority(both, lookup).faults).toEqual([])
      const of = (one: Authority, noun: string): NounAuthority => one.nouns[noun] ?? one.others
      for (const noun of ['Deal', 'Contact']) {
        const [left, right, meet] = [of(first, noun), of(second, noun), of(both, noun)]
        for (const name of ['ada', 'bo', 'b', 'c'])
          for (const kind of ['read', 'write'] as const)
            expect(selects(meet[kind], 'ada', name)).toBe(
              selects(left[kind], 'ada', name) && selects(right[kind], 'bo', name),
            )
        for (const verb of ['create', 'update', 'win'])
          expect(meet.verbs === 'all' || meet.verbs.includes(verb)).toBe(
            [left, right].every(({ verbs }) => verbs === 'all' || verbs.includes(verb)),
          )
        for (const name of [...left.hidden, ...right.hidden])
          if (lookup(noun)?.fields[name] !== undefined) expect(meet.hidden).toContain(name)
      }
      expect(both.who).toBe('ada')
    }),
    { seed, numRuns: 200 },
  )
  expect(intersectAuthorities(fullAuthority('a'), fullAuthority('b'), lookup)).toMatchObject(fullAuthority('a'))
})
