// The forms of the console offer what the rules of a type accept. Here both are asked for every built-in type and every state of it.

import { checkTransition, type EntityFields, nouns, type NounSchema } from 'digital-objects'
import { describe, expect, test } from 'vitest'
import { changeableField, fieldsOfNew, type OfferingNoun } from './offered-fields.ts'

const schemas = Object.values(nouns).map(({ $schema }): NounSchema => $schema)

/** The parts of the server's description by which forms are made. */
function infoOf({ fields, verbs, state, strict, transitions, definition }: NounSchema): OfferingNoun {
  return {
    fields: Object.values(fields),
    verbs: Object.values(verbs).map(({ name, category, effect: { systemOnly } }) => ({
      verb: name,
      category,
      ...(systemOnly === undefined ? {} : { systemOnly }),
    })),
    ...(state === undefined ? {} : { state }),
    strict,
    transitions,
    definition,
  }
}

function isAccepted(
  schema: NounSchema,
  change: { verb: string; before: EntityFields | undefined; state: string },
): boolean {
  const { verb, before, state } = change
  try {
    checkTransition(schema, { verb, isRollback: false, before, after: { [schema.state ?? '']: state } })
    return true
  } catch {
    return false
  }
}

describe.each(schemas.filter(({ state }) => state !== undefined).map((schema) => [schema.name, schema] as const))(
  '%s',
  (_, schema) => {
    const info = infoOf(schema)
    const { state = '' } = schema
    const field = info.fields.find(({ name }) => name === state)
    const values = field?.values ?? []

    test('a form for a new record offers exactly the states in which one may begin', () => {
      const accepted = values.filter((value) => isAccepted(schema, { verb: 'create', before: undefined, state: value }))
      // A state that nobody may give is the default.
      const offered = fieldsOfNew(info).find(({ name }) => name === state)
      expect(offered?.values ?? [field?.default]).toEqual(accepted)
    })

    test('a field for the state offers exactly the states to which the present one leads', () => {
      for (const now of values) {
        const entity = { $id: 'x_1', $type: schema.name, $version: 1, $createdAt: '', $updatedAt: '', [state]: now }
        const offered = field === undefined ? undefined : changeableField(info, field, entity)?.values
        const accepted = values.filter((value) =>
          isAccepted(schema, { verb: 'update', before: { [state]: now }, state: value }),
        )
        // Only verbs change a state that is frozen.
        if (offered !== undefined) expect([now, offered]).toEqual([now, accepted])
      }
    })
  },
)

test('a new subscription begins active, in a trial or incomplete, and is not given what only verbs set', () => {
  const schema = schemas.find(({ name }) => name === 'Subscription')
  if (schema === undefined) throw new Error('Subscription is a built-in type')
  const offered = fieldsOfNew(infoOf(schema))
  expect(offered.find(({ name }) => name === 'status')?.values).toEqual(['Active', 'Trialing', 'Incomplete'])
  const names = new Set(offered.map(({ name }) => name))
  expect([names.has('customer'), names.has('canceledAt'), names.has('invoices')]).toEqual([true, false, false])
})
