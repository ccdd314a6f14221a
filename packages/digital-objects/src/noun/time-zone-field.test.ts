import { expect, test } from 'vitest'
import { erasedValue, personalMarks } from '../erasure/personal-values.ts'
import { Customer } from '../nouns/billing/customer.ts'
import { Subscription } from '../nouns/billing/subscription.ts'
import { Noun } from './noun.ts'
import { validateCreate, validateUpdate } from './validate.ts'

const { $schema } = Noun('Shop', { timeZone: 'string! personal', zone: 'string', name: 'string' })

test.each(['Berlin', 'Mars/Olympus', '+02:00', '', ' ', 'UTC+1', 'a\0b', 7, ['UTC']])(
  '%j is refused as a time zone, with its field',
  (timeZone) => {
    const fault = {
      field: 'timeZone',
      message: expect.stringContaining('expects an IANA time zone such as Europe/Berlin'),
    }
    expect(validateCreate($schema, { timeZone })).toMatchObject({ faults: [fault] })
    expect(validateUpdate($schema, { timeZone })).toMatchObject({ faults: [fault] })
  },
)

test('a zone is stored in its own spelling, other names keep any text, and an erased zone is one', () => {
  const given = { timeZone: 'europe/berlin', zone: 'Berlin', name: 'timeZone' }
  expect(validateCreate($schema, given)).toMatchObject({ fields: { ...given, timeZone: 'Europe/Berlin' } })
  const erased = erasedValue('Europe/Berlin', { marks: personalMarks($schema), name: 'timeZone', id: 'shop_1' })
  expect(validateCreate($schema, { timeZone: erased })).toMatchObject({ fields: { timeZone: 'UTC' } })
})

test('a customer and a subscription hold zones only, in which their periods can be counted', () => {
  for (const { $schema: schema } of [Customer, Subscription])
    expect(validateUpdate(schema, { timeZone: 'Berlin' })).toMatchObject({ faults: [{ field: 'timeZone' }] })
})
