// The names repeated for the compiler are those that the Nouns' effects read.

import { nouns } from 'digital-objects'
import { expect, test } from 'vitest'
import type { CreatingVerbs, VerbArguments } from './verb-arguments.ts'

/** All names of the types: one too many or too few does not compile. */
type Written = {
  readonly [Name in keyof VerbArguments]: {
    readonly [Verb in keyof VerbArguments[Name]]: {
      readonly [Argument in keyof Required<VerbArguments[Name][Verb]>]: true
    }
  }
}
const written: Written = {
  Agent: {
    approve: { action: true, reason: true },
    ask: { question: true, message: true, context: true },
    decide: { question: true, options: true, context: true },
    delegate: { to: true, task: true, context: true },
    deploy: { task: true, context: true },
    do: { task: true, context: true },
    escalate: { reason: true },
    invoke: { task: true, message: true, input: true, context: true },
    learn: { category: true, insight: true, outcome: true, context: true },
    notify: { message: true, to: true, channel: true },
  },
  Contact: { merge: { from: true } },
  Content: { schedule: { publishAt: true } },
  Deal: { win: { plan: true, price: true, quantity: true } },
  FeatureFlag: { rollout: { percentage: true, percent: true } },
  Form: { submit: { data: true, campaign: true, utm: true } },
  Funnel: { analyze: { filter: true } },
  Integration: { connect: { credentials: true, config: true } },
  Invoice: { credit: { amount: true, reason: true }, pay: { amount: true } },
  Lead: { convert: { createDeal: true, dealName: true, value: true, pipeline: true } },
  Organization: { score: { score: true } },
  Payment: { refund: { amount: true, reason: true, pending: true, creditNote: true } },
  Ticket: { assign: { agent: true } },
  Workflow: { trigger: { input: true } },
}
const creating: CreatingVerbs = {
  Activity: 'log',
  Contact: 'capture',
  Integration: 'connect',
  Invoice: 'finalize',
  Payment: 'capture',
  User: 'invite',
}

test('each verb takes by type what its effect takes by data, and no other verb takes more than fields', () => {
  const read: Record<string, Record<string, Record<string, true>>> = {}
  for (const { $name, $schema } of Object.values(nouns)) {
    for (const { name, effect } of Object.values($schema.verbs)) {
      const names = [...(effect.argumentsOnly ?? []), ...Object.keys(effect.argumentAliases ?? {})]
      // No client calls a verb of the server's own.
      if (names.length === 0 || effect.systemOnly === true) continue
      read[$name] = { ...read[$name], [name]: Object.fromEntries(names.map((argument) => [argument, true])) }
    }
  }
  expect(written).toEqual(read)
})

test('the verbs that create are those whose effects do', () => {
  const found = Object.values(nouns).flatMap(({ $name, $schema }) =>
    Object.values($schema.verbs)
      .filter((verb) => verb.effect.creates === true)
      .map((verb) => [$name, verb.name]),
  )
  expect(creating).toEqual(Object.fromEntries(found))
})
