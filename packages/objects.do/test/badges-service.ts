// A small service that has a Noun, a handler before writes, one after them, and a job: a contact that is qualified gets a
// badge, a badge labelled 'none' is refused, and the tenant gets a founder's badge once it has a contact.

import type { Change } from '@dotdo/do'
import type { Service } from '@dotdo/service'
import { type JsonValue, Noun, ObjectError } from 'digital-objects'

export const Badge = Noun(
  'Badge',
  { label: 'string!', contact: '-> Contact' },
  { about: 'A mark of merit.', descriptions: { label: 'The words on it.', contact: 'The person who earned it.' } },
)

export const badges: Service = {
  name: 'badges.do',
  about: 'Gives a badge to each contact that is qualified.',
  connections: ['mail'],
  nouns: [Badge.$schema],
  hooks: ({ write }) => ({
    before: [
      {
        id: 'badges.do/label',
        applies: (noun) => noun === 'Badge',
        run: ({ label }) => {
          if (label !== 'none') return
          throw new ObjectError({ code: 'hook_rejected', field: 'label', message: 'a badge expects a label' })
        },
      },
    ],
    after: [
      {
        id: 'badges.do/qualified',
        handles: ({ type }) => type === 'Contact.Qualified',
        run: async ({ id, target, actor }) => {
          await write({ ...badge({ label: 'Qualified', contact: target }, `badges.do/${id}`), actor, causedBy: id })
        },
      },
    ],
  }),
  jobs: ({ state, write }) => {
    const count = (noun: string): number => {
      const table = state.table(noun)
      return table === undefined ? 0 : state.countPresent(table)
    }
    const isDue = (): boolean => count('Contact') > 0 && !isAwarded
    let isAwarded = false
    return [
      {
        name: 'badges.do/founder',
        clock: 'real',
        lane: 'badges',
        retry: { firstMs: 1_000, factor: 2, maxMs: 60_000 },
        dueMs: (nowMs) => (isDue() ? nowMs : undefined),
        eventAppended: ({ type }, nowMs) => (type === 'Contact.Created' && !isAwarded ? nowMs : undefined),
        step: async () => {
          if (!isDue()) return false
          // The key makes a second run, after a restart, a replay of the first.
          await write(badge({ label: 'Founder' }, 'badges.do/founder'))
          isAwarded = true
          return true
        },
      },
    ]
  },
}

function badge(fields: Readonly<Record<string, JsonValue>>, key: string): Change {
  return {
    schema: Badge.$schema,
    verb: createVerb(),
    kind: 'create',
    actor: 'system',
    via: 'hook',
    idempotency: { actor: 'system', key, request: key },
    decide: () => fields,
  }
}

function createVerb(): NonNullable<(typeof Badge.$schema.verbs)[string]> {
  const { create } = Badge.$schema.verbs
  if (create === undefined) throw new Error('a badge can be created')
  return create
}
