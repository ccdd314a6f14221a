import { describe, expect, test } from 'vitest'
import { ObjectError } from '../base/object-error.ts'
import { fullAuthority, isFullAuthority } from './authority.ts'
import { fingerprintOf } from './fingerprint.ts'
import { authorityCharactersMax, parseAuthority } from './parse-authority.ts'

const me = 'user_0000000000aa'
const parse = (value: object) => parseAuthority(JSON.stringify(value))

test('an absent member grants nothing', () => {
  expect(parse({ who: me, nouns: { Deal: { read: 'all' } } })).toEqual({
    who: me,
    nouns: { Deal: { read: 'all', write: 'none', hidden: [], verbs: [] } },
    others: { read: 'none', write: 'none', hidden: [], verbs: [] },
  })
})

test('an authority is deeply frozen', () => {
  const authority = parse({ who: me, nouns: { Deal: { read: { owner: { $in: ['$me'] } } } } })
  const read = authority.nouns['Deal']?.read
  expect(typeof read === 'object' && Object.isFrozen(read) && Object.isFrozen(read['owner'])).toBe(true)
})

const faults: readonly (readonly [string, unknown, string])[] = [
  ['no principal', {}, 'who'],
  ['a principal that is the placeholder', { who: '$me' }, 'who'],
  ['an unknown member', { who: me, roles: [] }, 'roles'],
  ['an unknown grant', { who: me, nouns: { Deal: { rows: 'all' } } }, 'nouns.Deal.rows'],
  ['a rule of a wrong type', { who: me, nouns: { Deal: { read: true } } }, 'nouns.Deal.read'],
  ['a rule with $text', { who: me, others: { read: { $or: [{ $text: 'x' }] } } }, 'others.read'],
  ['a rule with $regex', { who: me, others: { write: { name: { $not: { $regex: 'x' } } } } }, 'others.write'],
  ['a hidden field that is not a name', { who: me, nouns: { Deal: { hidden: [1] } } }, 'nouns.Deal.hidden'],
  ['verbs that are not a list', { who: me, nouns: { Deal: { verbs: 'close' } } }, 'nouns.Deal.verbs'],
  ['a Noun that is not a name', { who: me, nouns: { 'De.al': {} } }, 'nouns'],
  ['a proof of an unknown kind', { who: me, through: { kind: 'password', id: 'x' } }, 'through.kind'],
]

test.each(faults)('%s is refused, and the error names the path', (_, value, field) => {
  expect(refusalOf(JSON.stringify(value))).toMatchObject({ code: 'invalid_authority', field })
})

test('a string that is not JSON, or is too long, is refused', () => {
  expect(refusalOf('{')).toMatchObject({ code: 'invalid_authority', field: 'authority' })
  expect(refusalOf(' '.repeat(authorityCharactersMax + 1))).toMatchObject({ code: 'invalid_authority' })
})

describe('the fingerprint', () => {
  const rule = { stage: 'Lead', owner: '$me' }
  const deal = { read: rule, write: 'none', hidden: ['value', 'notes'], verbs: ['close', 'update'] }
  const base = parse({ who: me, nouns: { Deal: deal } })

  test('does not depend on the order of keys and names, or on the credential', () => {
    const other = parse({
      through: { kind: 'key', id: 'apikey_0000000000aa' },
      nouns: {
        Deal: { verbs: ['update', 'close'], hidden: ['notes', 'value'], read: { owner: '$me', stage: 'Lead' } },
      },
      who: me,
    })
    expect(fingerprintOf(other)).toBe(fingerprintOf(base))
  })

  test("depends on the caller's id if and only if a rule does", () => {
    const asOther = (value: object) => fingerprintOf(parse({ ...value, who: 'user_0000000000bb' }))
    expect(asOther({ nouns: { Deal: deal } })).not.toBe(fingerprintOf(base))
    const withoutMe = { nouns: { Deal: { ...deal, read: 'all' } } }
    expect(asOther(withoutMe)).toBe(fingerprintOf(parse({ ...withoutMe, who: me })))
  })

  test.each([
    ['rows to read', { ...deal, read: 'all' }],
    ['rows to write', { ...deal, write: 'all' }],
    ['hidden fields', { ...deal, hidden: ['value'] }],
    ['verbs', { ...deal, verbs: ['close'] }],
    ['all verbs', { ...deal, verbs: 'all' }],
  ])('changes with the %s', (_, granted) => {
    expect(fingerprintOf(parse({ who: me, nouns: { Deal: granted } }))).not.toBe(fingerprintOf(base))
  })

  test('is the same for all callers with full authority', () => {
    const everything = { read: 'all', write: 'all', verbs: 'all' }
    const full = parse({ who: me, others: everything, nouns: { Deal: everything } })
    expect(isFullAuthority(full)).toBe(true)
    expect(fingerprintOf(full)).toBe(fingerprintOf(fullAuthority('anonymous')))
    expect(isFullAuthority(parse({ who: me, others: { ...everything, hidden: ['name'] } }))).toBe(false)
  })
})

function refusalOf(text: string): unknown {
  try {
    return parseAuthority(text)
  } catch (error) {
    if (error instanceof ObjectError) return error.toData()
    throw error
  }
}
