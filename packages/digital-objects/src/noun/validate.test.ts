import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Noun } from './noun.ts'
import { nouns } from '../nouns/all-nouns.ts'
import { ObjectError } from '../base/object-error.ts'
import { validateCreate, validateUpdate } from './validate.ts'

const { $schema } = Noun('Robot', {
  name: 'string!',
  site: 'url?',
  email: 'email?',
  at: 'datetime?',
  day: 'date?',
  n: 'number?',
  on: 'boolean?',
  any: 'json?',
  who: 'id?',
  mood: 'Calm | Angry',
  maker: '-> Maker',
  owner: '-> User | Maker',
  parts: '<- Part.robot[]',
  status: 'New | Old',
})

function faults(body: unknown): Record<string, string> {
  const validated = validateCreate($schema, body)
  return validated.ok ? {} : Object.fromEntries(validated.faults.map(({ field, message }) => [field, message]))
}

describe('a body is validated by its Noun', () => {
  test.each([
    ['site', 'not a url'],
    ['email', 'nobody'],
    ['at', '2026-02-30T00:00:00Z'],
    ['at', '2026-01-15T10:00:00'],
    ['at', 1_700_000_000_000],
    ['day', '2026-02-29'],
    ['n', Number.NaN],
    ['n', '1'],
    ['on', 1],
    ['who', 'contact_1'],
    ['mood', 'calm'],
    ['maker', 'user_000000000000'],
    ['owner', 'contact_000000000000'],
    ['name', '\ud800'],
    ['name', 'a\0'],
    ['parts', []],
    ['nmae', 'x'],
  ])('%s refuses %j', (field, value) => {
    expect(Object.keys(faults({ name: 'a', [field]: value }))).toEqual([field])
  })

  test('all faults are reported at once, each with a sentence', () => {
    expect(faults({ n: '12', emial: 1 })).toEqual({
      n: 'expects a number, got "12"',
      emial: "is not declared by Robot; did you mean 'email'?",
      name: 'is required',
    })
  })

  test('two swapped letters count as one mistake, even in a short name', () => {
    expect(faults({ name: 'a', nmae: 1, stie: 1 })).toEqual({
      nmae: "is not declared by Robot; did you mean 'name'?",
      stie: "is not declared by Robot; did you mean 'site'?",
    })
  })

  test('valid values are returned in normal form', () => {
    expect(
      validateCreate($schema, {
        $id: 'ignored',
        name: 'a',
        at: '2026-01-15T12:00:00.1239+02:00',
        n: -0,
        any: '{"text":1}',
        mood: null,
        owner: 'user_000000000000',
      }),
    ).toEqual({
      ok: true,
      fields: {
        name: 'a',
        at: '2026-01-15T10:00:00.123Z',
        n: 0,
        any: '{"text":1}',
        owner: 'user_000000000000',
        status: 'New',
      },
    })
  })

  test('null in an update clears a field, but not a required one', () => {
    expect(validateUpdate($schema, { n: null })).toEqual({ ok: true, fields: { n: null } })
    expect(validateUpdate($schema, { name: null })).toMatchObject({ ok: false, faults: [{ field: 'name' }] })
  })

  test('names of inherited properties are unknown fields', () => {
    expect(Object.keys(faults(JSON.parse('{"name":"a","__proto__":{"n":1},"constructor":1}')))).toEqual([
      '__proto__',
      'constructor',
    ])
  })

  test('JSON that is nested too deeply or has a key `__proto__` is refused, and the fault names the path', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) as unknown
    expect(Object.keys(faults({ name: 'a', any: deep }))[0]).toMatch(/^any\.a\.a/)
    expect(Object.keys(faults({ name: 'a', any: JSON.parse('{"x":{"__proto__":1}}') as unknown }))).toEqual(['any.x'])
  })

  test('validating a validated body again changes nothing', () => {
    const value = fc.record({
      name: fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      n: fc.double({ noNaN: true, noDefaultInfinity: true }),
      any: fc.jsonValue({ maxDepth: 3 }),
      at: fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-01-01') }),
    })
    fc.assert(
      fc.property(value, (body) => {
        const once = validateCreate($schema, body)
        if (!once.ok) return
        expect(validateCreate($schema, once.fields)).toEqual(once)
      }),
    )
  })
})

test('a required or unique string is not blank, in an update as in a creation, and any other may be', () => {
  const { $schema } = Noun('Page', {
    title: 'string!',
    slug: 'string##',
    body: 'text!',
    note: 'string',
    tags: 'string[]!',
  })
  const whole = { title: 'a', slug: 'b', body: 'c', note: 'd', tags: ['e'] }
  for (const name of ['title', 'slug', 'body'])
    for (const blank of ['', ' ', '\n\t', '\u00a0\u2003']) {
      const faults = [{ field: name, message: `expects a string that is not blank, got ${JSON.stringify(blank)}` }]
      expect(validateCreate($schema, { ...whole, [name]: blank })).toEqual({ ok: false, faults })
      expect(validateUpdate($schema, { [name]: blank })).toEqual({ ok: false, faults })
    }
  expect(validateCreate($schema, { ...whole, note: '', tags: [''] })).toMatchObject({ ok: true })
})

test('every Noun is a Standard Schema', () => {
  const { validate, vendor, version } = nouns.Contact['~standard']
  expect([vendor, version]).toEqual(['headless.ly', 1])
  expect(validate({ name: 'Ada' })).toMatchObject({ value: { name: 'Ada', stage: 'Lead' } })
  expect(validate({ name: 1 })).toMatchObject({
    issues: [{ path: ['name'], message: "field 'name' expects a string, got 1" }],
  })
})

describe('a wrong definition is refused, and the error names the field', () => {
  test.each([
    ['text', 'strng'],
    ['ref', '-> user'],
    ['ref', '-> User[]##'],
    ['back', '<- Deal'],
    ['choice', 'A | A'],
    ['choice', 'A | B = C'],
    ['flag', 'boolean = maybe'],
    ['data', 'json #'],
    ['constructor', 'string'],
    ['Upper', 'string'],
    // Readers of the log recognize deletions by this event.
    ['erase', 'Deleted'],
    ['make', 'Created'],
  ])('%s: %s', (name, text) => {
    const define = (): unknown => Noun('X', { [name]: text })
    expect(define).toThrow(ObjectError)
    expect(define).toThrow(name)
  })

  test('a Noun with more fields than a table can have', () => {
    expect(() => Noun('X', Object.fromEntries(Array.from({ length: 81 }, (_, at) => [`f${at}`, 'string'])))).toThrow(
      '80',
    )
  })
})
