import type { LoadedItem } from 'digital-objects'
import { describe, expect, test } from 'vitest'
import { HeadlesslyError } from '../headlessly-error.ts'
import { computeHere } from './compute-here.ts'
import { namesIn } from './names-in.ts'
import type { PipelineFunction } from './parse-callback.ts'
import { type Loaded, parseLoaded } from './parse-loaded.ts'

interface Seen {
  readonly $id: string
  readonly name: string
  readonly value: number
  readonly metadata: { readonly a: number }
  readonly deals: readonly Seen[]
  readonly activities: readonly Seen[]
  readonly organization?: Seen | null
  readonly contact: Seen
}

const types = {
  Contact: ['organization', 'deals', 'activities'],
  Deal: ['contact', 'organization'],
  Organization: ['deals'],
}

function item(
  row: { readonly $type: string; readonly $id: string },
  relations: LoadedItem['relations'] = {},
): LoadedItem {
  return { row: { ...row }, relations }
}

const acme = { $type: 'Organization', $id: 'organization_1', name: 'Acme' }
const ada = { $type: 'Contact', $id: 'contact_1', name: 'Ada', organization: 'organization_1', metadata: { a: 1 } }
const bob = { $type: 'Contact', $id: 'contact_2', name: 'Bob' }
const cyd = { $type: 'Contact', $id: 'contact_3', name: 'Cyd', organization: 'organization_9' }
const big = { $type: 'Deal', $id: 'deal_1', value: 9, contact: 'contact_1' }
const small = { $type: 'Deal', $id: 'deal_2', value: 1, contact: 'contact_1' }

function contacts(): Loaded {
  return {
    items: [
      item(ada, {
        organization: item(acme, { deals: [] }),
        deals: [big, small].map((deal) => item(deal, { contact: item(ada) })),
      }),
      item(bob, { deals: [] }),
      item(cyd, { organization: null, deals: [] }),
    ],
    relations: types,
  }
}

function map(callback: (item: Seen) => unknown, loaded = contacts()): unknown {
  return computeHere(loaded, [{ step: 'map', callback }])
}

/** As an error says it. */
function refused(compute: () => unknown): string {
  try {
    compute()
  } catch (error) {
    if (error instanceof HeadlesslyError && error.code === 'unsupported_expression') return error.message
    throw error
  }
  return 'nothing was refused'
}

describe('a callback sees', () => {
  test('the entities at the other ends of relations, undefined for none and null for one that is gone', () => {
    expect(map((contact) => contact.organization)).toEqual([acme, undefined, null])
    expect(map((contact) => contact.organization?.name ?? 'none')).toEqual(['Acme', 'none', 'none'])
    expect(map((contact) => contact.deals.map((deal) => deal.contact.name).join())).toEqual(['Ada,Ada', '', ''])
  })

  test('data alone where it goes through what an entity has', () => {
    expect(map((contact) => Object.keys(contact))).toEqual([
      ['$type', '$id', 'name', 'metadata'],
      ['$type', '$id', 'name'],
      ['$type', '$id', 'name'],
    ])
    expect(map((contact) => ({ ...contact, at: 1 }))).toEqual([
      { $type: 'Contact', $id: 'contact_1', name: 'Ada', metadata: { a: 1 }, at: 1 },
      { ...bob, at: 1 },
      { $type: 'Contact', $id: 'contact_3', name: 'Cyd', at: 1 },
    ])
  })

  test('what it cannot change', () => {
    const change = (contact: { name: string }) => {
      contact.name = 'x'
    }
    expect(() => computeHere(contacts(), [{ step: 'map', callback: change }])).toThrow(TypeError)
    const deals = (contact: Seen) => [
      contact.deals.toReversed(),
      (contact.deals as Seen[]).sort((a, b) => a.value - b.value),
      contact.deals,
    ]
    const sorted = (computeHere(contacts(), [{ step: 'map', callback: deals }]) as unknown[])[0]
    expect(sorted).toEqual([
      [small, big],
      [small, big],
      [big, small],
    ])
  })

  test('nothing of a relation that was not loaded, but a sentence', () => {
    const hidden = ['activ', 'ities'].join('')
    const callback = (contact: Readonly<Record<string, unknown>>, name: string) => contact[name]
    expect(refused(() => computeHere(contacts(), [{ step: 'map', callback, given: hidden }]))).toBe(
      'Contact.activities was not loaded; a callback reaches relations by their names, written in the callback itself, and at most 3 behind one another',
    )
    // Four behind one another, of which three came.
    const deep = item(big, { contact: item(ada, { deals: [item(small, { contact: item(ada) })] }) })
    const loaded = { items: [deep], relations: types }
    expect(map((deal) => deal.contact.deals[0]?.contact.name, loaded)).toEqual(['Ada'])
    expect(refused(() => map((deal) => deal.contact.deals[0]?.contact.deals, loaded))).toContain(
      'Contact.deals was not',
    )
  })
})

describe('a step gives what it gives at the server', () => {
  const on = (list: readonly unknown[], ...steps: Parameters<typeof computeHere>[1]) =>
    computeHere({ items: list.map((row) => ({ row: row as string, relations: {} })), relations: {} }, steps)

  test('map goes on with the entities that a relation gives, and with lists that were made of them as they are', () => {
    expect(map((contact) => contact.deals)).toEqual([big, small])
    expect(map((contact) => contact.deals.filter((deal) => deal.value > 1))).toEqual([[big], [], []])
    expect(map((contact) => [contact.deals])).toEqual([[[big, small]], [[]], [[]]])
    const holding = { step: 'map', callback: (contact: Seen) => ({ deals: contact.deals }) } as const
    const held = { step: 'map', callback: ({ deals }: Pick<Seen, 'deals'>) => deals } as const
    expect(computeHere(contacts(), [holding, held])).toEqual([[big, small], [], []])
    const callback = (contact: Seen) => contact.deals.slice(1)
    expect(computeHere(contacts(), [{ step: 'flatMap', callback }])).toEqual([small])
  })

  test('lists are gone through in order, with what was handed over beside each item', () => {
    const more = (value: number, { least }: { least: number }) => value > least
    const given = { least: 2 }
    const list = [3, 1, 2, 5]
    expect(on(list, { step: 'filter', callback: more, given })).toEqual([3, 5])
    expect(on(list, { step: 'find', callback: more, given })).toBe(3)
    expect(on(list, { step: 'find', callback: more, given: { least: 9 } })).toBeUndefined()
    expect(on(list, { step: 'some', callback: more, given })).toBe(true)
    expect(on(list, { step: 'every', callback: more, given })).toBe(false)
    const add = (sum: number, value: number, by: number) => sum + value * by
    expect(on(list, { step: 'reduce', callback: add, initial: 1, given: 2 })).toBe(23)
    const by = (left: number, right: number, sign: number) => (left - right) * sign
    expect(on(list, { step: 'sort', callback: by, given: -1 })).toEqual([5, 3, 2, 1])
    expect(on([10, 9, 'a', null], { step: 'sort' })).toEqual([10, 9, 'a', null])
    expect(on(list, { step: 'slice', start: -3, end: -1 })).toEqual([1, 2])
    expect(on(list, { step: 'slice', start: 1 }, { step: 'member', name: 'length' })).toBe(3)
  })

  test('a callback is given the item and what was handed over, and nothing else', () => {
    const callback = (...given: unknown[]) => given.length
    expect(on(['a'], { step: 'map', callback })).toEqual([2])
    expect(on(['a'], { step: 'map', callback: Array.of, given: 1 })).toEqual([['a', 1]])
  })

  test('one entity is gone into by names', () => {
    const [first] = 'items' in contacts() ? (contacts() as { items: readonly LoadedItem[] }).items : []
    if (first === undefined) throw new Error('no contact')
    const loaded = { item: first, relations: types }
    const callback = (deal: Seen) => `${deal.value}`
    expect(
      computeHere(loaded, [
        { step: 'member', name: 'deals' },
        { step: 'map', callback },
      ]),
    ).toEqual(['9', '1'])
    expect(computeHere(loaded, [{ step: 'member', name: 'missing' }])).toBeUndefined()
    expect(computeHere(loaded, [])).toEqual(ada)
    expect(
      refused(() =>
        computeHere(loaded, [
          { step: 'member', name: 'missing' },
          { step: 'member', name: 'name' },
        ]),
      ),
    ).toBe('name is read of undefined')
  })

  /** As those of a client, which only tell by what they answer that they can be awaited. */
  const pending = new Proxy({}, { get: (_, name) => (name === 'then' ? () => undefined : undefined) })

  test.each<[string, Parameters<typeof computeHere>[1][number], string]>([
    ['a promise', { step: 'filter', callback: async () => false }, 'filter has a callback that gives a promise'],
    [
      'what will come to a value',
      { step: 'flatMap', callback: () => pending },
      'flatMap has a callback that gives a promise',
    ],
    ['a list where there is none', { step: 'map', callback: (item: string) => item }, 'map expects a list, got string'],
    ['entities as texts', { step: 'sort' }, 'sort compares texts and numbers'],
  ])('%s is refused', (_, step, sentence) => {
    const first = { step: 'member', name: 'name' } as const
    const isText = step.step === 'map'
    const loaded = isText ? { item: item(bob), relations: types } : contacts()
    expect(refused(() => computeHere(loaded, isText ? [first, step] : [step]))).toContain(sentence)
  })
})

test('a result has plain rows however deep, and keeps everything else', () => {
  const moment = new Date(0)
  const result = map((contact) => {
    const holder: Record<string, unknown> = { contact, list: [[contact.deals]], moment, none: undefined, zero: -0 }
    holder['itself'] = holder
    return holder
  })
  const [first] = result as Readonly<Record<string, unknown>>[]
  expect(first).toMatchObject({ contact: ada, list: [[[big, small]]], none: undefined, zero: -0 })
  expect(first?.['moment']).toBe(moment)
  expect(first?.['itself']).toBe(first)
  expect(Object.keys(first?.['contact'] ?? {})).toEqual(Object.keys(ada))
  expect(Object.keys(first ?? {})).toContain('none')
  const odd: unknown = JSON.parse('{"$type":"Contact","$id":"contact_4","__proto__":{"a":1}}')
  const kept = map((row) => [{ ...row }, row], { items: [{ row: odd as string, relations: {} }], relations: types })
  expect(JSON.stringify(kept)).toBe(JSON.stringify([[odd, odd]]))
})

test('names are those that a callback may reach a relation by', () => {
  const source = (callback: PipelineFunction) => namesIn([{ step: 'map', callback }])
  expect(source((contact: Seen) => contact.deals.length)).toEqual(['deals', 'length'])
  expect(source(({ deals, organization: { name } }: Required<Seen> & { organization: Seen }) => [deals, name])).toEqual(
    expect.arrayContaining(['deals', 'organization']),
  )
  expect(source((contact: Seen) => contact['deals' as 'activities'])).toEqual(['deals'])
  expect(source((contact: Seen) => contact?.organization?.constructor)).toEqual(['organization', 'constructor'])
  expect(namesIn([{ step: 'member', name: 'deals' }, { step: 'slice', start: 0 }, { step: 'sort' }])).toEqual(['deals'])
})

test('an answer that loaded nothing is no answer', () => {
  for (const wrong of [null, [], { items: [] }, { relations: {} }, { items: 1, relations: {} }]) {
    expect(() => parseLoaded(wrong)).toThrow('expected what a pipeline has loaded')
  }
  expect(parseLoaded({ items: [], relations: {} })).toEqual({ items: [], relations: {} })
})
