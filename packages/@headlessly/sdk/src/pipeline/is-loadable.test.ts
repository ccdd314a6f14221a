import { describe, expect, test } from 'vitest'
import type { PipelineFunction } from './parse-callback.ts'
import { type PendingStep, stepsToWire } from './pending-step.ts'

interface Seen {
  readonly name: string
  readonly value: number
  readonly deals: readonly Seen[]
  readonly contact?: Seen
}

const least = 1
const own: PendingStep = { step: 'filter', callback: (deal: Seen) => deal.value > least }

function stepsOf(...steps: readonly PendingStep[]): readonly string[] {
  return stepsToWire([...steps, own]).steps.map(({ step }) => step)
}

describe('before a callback that only this program can run', () => {
  test.each<[string, PipelineFunction]>([
    ['a relation', (contact: Seen) => contact.deals],
    ['a field of an entity', (deal: Seen) => deal.contact?.name],
    ['one of a relation', (contact: Seen) => contact.deals[0] ?? contact.contact],
    ['a field that is taken out', ({ deals }: Seen) => deals],
    ['a number', (deal: Seen) => deal.value * 2],
    ['a text', (deal: Seen) => `${deal.name}!`],
    ['one of two', (deal: Seen) => (deal.value > 1 ? deal : deal.contact)],
  ])('the server maps to %s', (_, callback) => {
    expect(stepsOf({ step: 'map', callback })).toEqual(['map', 'load'])
  })

  test.each<[string, PipelineFunction]>([
    ['an object', (deal: Seen) => ({ deal })],
    ['a list', (deal: Seen) => [deal]],
    ['either', (deal: Seen) => (deal.value > 1 ? deal : { deal })],
    ['what may be one', (deal: Seen) => deal.contact ?? [deal]],
    ['a list that it makes', (contact: Seen) => contact.deals.map((deal) => [deal])],
  ])('the program maps to %s itself, since what is inside leads nowhere when it is loaded', (_, callback) => {
    expect(stepsOf({ step: 'map', callback })).toEqual(['load'])
    expect(stepsToWire([{ step: 'map', callback }]).rest).toEqual([])
  })

  test('the server does what comes before that, and nothing after it', () => {
    const callback = (deal: Seen) => ({ deal })
    const slice = { step: 'slice', start: 0 } as const
    expect(stepsOf(slice, { step: 'sort', callback: (a: Seen, b: Seen) => a.value - b.value })).toEqual([
      'slice',
      'sort',
      'load',
    ])
    expect(stepsOf(slice, { step: 'map', callback }, slice)).toEqual(['slice', 'load'])
    const wire = stepsToWire([slice, { step: 'flatMap', callback }, slice, own])
    expect(wire.rest.map(({ step }) => step)).toEqual(['flatMap', 'slice', 'filter'])
    expect(wire.reason).toContain('`least` is not a parameter')
    expect(wire.steps.at(-1)).toEqual({ step: 'load', names: ['deal', 'value'] })
  })
})
