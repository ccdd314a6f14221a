// A small service that has a Noun, a handler before writes, one after them, and a job: a contact that is qualified gets a
// badge, a badge labelled 'none' is refused, and the tenant gets a founder's badge once it has a contact.

import type { Change } from '@dotdo/do'
import type { Service } from '@dotdo/service'
import { type JsonValue, Noun, type NounLookup, ObjectError } from 'digital-objects'

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
  hooks: ({ write, lookup }) => ({
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
          const fields = { label: 'Qualified', contact: target }
          await write(() => ({ ...badge(lookup, { fields, key: `badges.do/${id}` }), actor, causedBy: id }))
        },
      },
    ],
  }),
  jobs: ({ state, write }, { lookup }) => {
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
          await write(() => badge(lookup, { fields: { label: 'Founder' }, key: 'badges.do/founder' }))
          isAwarded = true
          return true
        },
      },
    ]
  },
}

/** The tenant's Badge has the relations that other Nouns add to it. */
function badge(
  lookup: NounLookup,
  { fields, key }: { readonly fields: Readonly<Record<string, JsonValue>>; readonly key: string },
): Change {
  const schema = lookup('Badge')
  const verb = schema?.verbs['create']
  if (schema === undefined || verb === undefined) throw new Error('badges can be created')
  return {
    schema,
    verb,
    kind: 'create',
    actor: 'system',
    via: 'hook',
    idempotency: { actor: 'system', key, request: key },
    decide: () => fields,
  }
}
