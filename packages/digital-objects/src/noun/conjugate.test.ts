import { expect, test } from 'vitest'
import { conjugate } from './conjugate.ts'
import { nouns } from '../nouns/all-nouns.ts'

test.each([
  ['create', 'creating', 'created'],
  ['lose', 'losing', 'lost'],
  ['win', 'winning', 'won'],
  ['pay', 'paying', 'paid'],
  ['send', 'sending', 'sent'],
  ['read', 'reading', 'read'],
  ['reset', 'resetting', 'reset'],
  ['do', 'doing', 'done'],
  ['cancel', 'cancelling', 'cancelled'],
  ['rollout', 'rollingOut', 'rolledOut'],
  ['submit', 'submitting', 'submitted'],
  ['stop', 'stopping', 'stopped'],
  ['log', 'logging', 'logged'],
  ['snapshot', 'snapshotting', 'snapshotted'],
  ['qualify', 'qualifying', 'qualified'],
  ['deploy', 'deploying', 'deployed'],
  ['reopen', 'reopening', 'reopened'],
  ['deliver', 'delivering', 'delivered'],
  ['trigger', 'triggering', 'triggered'],
  ['void', 'voiding', 'voided'],
  ['renew', 'renewing', 'renewed'],
  ['sync', 'syncing', 'synced'],
  ['refresh', 'refreshing', 'refreshed'],
  ['miss', 'missing', 'missed'],
  ['process', 'processing', 'processed'],
  ['publish', 'publishing', 'published'],
  ['invite', 'inviting', 'invited'],
  ['reactivate', 'reactivating', 'reactivated'],
  ['learn', 'learning', 'learned'],
])('%s, %s, %s', (verb, gerund, past) => {
  expect(conjugate(verb)).toMatchObject({
    gerund,
    past,
    by: `${past}By`,
    event: past.charAt(0).toUpperCase() + past.slice(1),
  })
})

// A verb such as markPastDue has the name of the state as its event, and so do those that only the server calls.
test('the past tense formed by rule equals the event declared by each built-in verb', () => {
  for (const { $schema } of Object.values(nouns)) {
    const verbs = Object.values($schema.verbs).filter((verb) => verb.effect.systemOnly !== true)
    for (const verb of verbs.filter(({ name }) => !name.startsWith('mark')))
      expect(conjugate(verb.name).event, `${$schema.name}.${verb.name}`).toBe(verb.event)
  }
})
