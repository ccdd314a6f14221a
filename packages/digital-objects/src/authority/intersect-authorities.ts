// The rights that two callers have both: what one of them may do at the request of the other.

import { type Authority, type NounAuthority, nothing, type RowRule, withPrincipal } from './authority.ts'
import type { NounLookup, NounSchema } from '../noun/schema.ts'

/** Returns the part of the first authority that the second has too. The principal is that of the first. */
export function intersectAuthorities(first: Authority, second: Authority, lookup: NounLookup): Authority {
  const names = new Set([...Object.keys(first.nouns), ...Object.keys(second.nouns)])
  const both = (left: NounAuthority, right: NounAuthority): NounAuthority => ({
    read: bothRules(bound(left.read, first.who), bound(right.read, second.who)),
    write: bothRules(bound(left.write, first.who), bound(right.write, second.who)),
    hidden: [...new Set([...left.hidden, ...right.hidden])],
    verbs: bothVerbs(left.verbs, right.verbs),
  })
  const named = [...names].map((name): readonly [string, NounAuthority] => {
    const noun = { name, fields: lookup(name)?.fields ?? {} }
    return [name, both(grantedTo(first, noun), grantedTo(second, noun))]
  })
  return { ...first, nouns: Object.fromEntries(named), others: both(first.others, second.others) }
}

/** Returns what the authority grants for a Noun. `others` may hide fields that this Noun lacks. */
export function grantedTo(
  { nouns, others }: Authority,
  { name, fields }: Pick<NounSchema, 'name' | 'fields'>,
): NounAuthority {
  if (Object.hasOwn(nouns, name)) return nouns[name] ?? nothing
  return { ...others, hidden: others.hidden.filter((field) => Object.hasOwn(fields, field)) }
}

function bound(rule: RowRule, who: string): RowRule {
  return typeof rule === 'string' ? rule : withPrincipal(rule, who)
}

/** Returns the rule that an entity meets if and only if it meets both. */
export function bothRules(left: RowRule, right: RowRule): RowRule {
  if (left === 'none' || right === 'none') return 'none'
  if (left === 'all') return right
  return right === 'all' ? left : { $and: [left, right] }
}

function bothVerbs(left: NounAuthority['verbs'], right: NounAuthority['verbs']): NounAuthority['verbs'] {
  if (left === 'all') return right
  return right === 'all' ? left : left.filter((verb) => right.includes(verb))
}
