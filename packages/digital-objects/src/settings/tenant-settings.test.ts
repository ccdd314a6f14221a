// The settings of a tenant: defaults, merge patches, and refusals that name the setting.

import { expect, test } from 'vitest'
import { ObjectError } from '../base/object-error.ts'
import { completeSettings, defaultSettings, patchSettings, settingNames, settingTable } from './tenant-settings.ts'

const refused = (patch: Parameters<typeof patchSettings>[1]): readonly (readonly [string, string])[] => {
  try {
    patchSettings({}, patch)
    return []
  } catch (error) {
    if (error instanceof ObjectError) return (error.faults ?? []).map(({ field, message }) => [field, message])
    throw error
  }
}

test('each setting has a sentence and a default that its own check accepts', () => {
  for (const name of settingNames) {
    expect(settingTable[name].about, name).toMatch(/^[A-Z].+\.$/)
    expect(settingTable[name].check(settingTable[name].default), name).toEqual(settingTable[name].default)
    expect(defaultSettings[name], name).toEqual(settingTable[name].default)
  }
})

test('only what was set is stored, parts of an object are merged, and null returns to the default', () => {
  const first = patchSettings({}, { timeZone: 'Europe/Berlin', sla: { firstResponse: { Urgent: 'PT30M' } } })
  expect(first).toEqual({ timeZone: 'Europe/Berlin', sla: { firstResponse: { Urgent: 'PT30M' } } })
  expect(completeSettings(first).sla.firstResponse).toEqual({ ...defaultSettings.sla.firstResponse, Urgent: 'PT30M' })
  const second = patchSettings(first, {
    timeZone: null,
    businessHours: { monday: '09:00-17:00', tuesday: '09:00-12:00' },
  })
  expect(completeSettings(second)).toMatchObject({ timeZone: 'UTC', currency: 'USD' })
  const third = patchSettings(second, { businessHours: { tuesday: null } })
  expect(completeSettings(third).businessHours).toEqual({ monday: '09:00-17:00' })
  expect(completeSettings(patchSettings(third, { businessHours: null })).businessHours).toBe(null)
})

test.each([
  ['a zone', { timeZone: 'Berlin' }, 'timeZone', 'IANA time zone'],
  ['an offset as a zone', { timeZone: '+02:00' }, 'timeZone', 'IANA time zone'],
  ['a currency', { currency: 'bananas' }, 'currency', 'ISO 4217'],
  ['a weekday', { businessHours: { montag: '09:00-17:00' } }, 'businessHours.montag', 'monday'],
  ['overlapping hours', { businessHours: { monday: '09:00-12:00,11:00-13:00' } }, 'businessHours.monday', 'in order'],
  ['hours beyond the day', { businessHours: { monday: '09:00-24:30' } }, 'businessHours.monday', 'in order'],
  ['no open day', { businessHours: {} }, 'businessHours', 'at least one open day'],
  ['a holiday', { holidays: ['2026-02-30'] }, 'holidays.0', 'a date'],
  ['a target', { sla: { firstResponse: { Urgent: '1h' } } }, 'sla.firstResponse.Urgent', 'ISO 8601'],
  ['a kind of target', { sla: { reply: { Urgent: 'PT1H' } } }, 'sla.reply', 'firstResponse or resolution'],
  ['a pattern without a number', { numbers: { Invoice: 'INV' } }, 'numbers.Invoice', '{number}'],
  ['a pattern with two numbers', { numbers: { Invoice: '{number}{number}' } }, 'numbers.Invoice', '{number}'],
  ['days out of order', { paymentRetryDays: [5, 3] }, 'paymentRetryDays.1', 'ascending'],
  ['a name', { timezone: 'UTC' }, 'timezone', "did you mean 'timeZone'?"],
])('%s that is wrong is refused, and the fault names its place', (_, patch, field, message) => {
  expect(refused(patch)).toEqual([[field, expect.stringContaining(message)]])
})

test('all wrong settings of a patch are named at once', () => {
  expect(refused({ timeZone: 'x', currency: 'y' }).map(([field]) => field)).toEqual(['timeZone', 'currency'])
})

test('a stored value that is not accepted any more counts as not set', () => {
  expect(completeSettings({ timeZone: 'Atlantis/Capital', currency: 'EUR' })).toMatchObject({
    timeZone: 'UTC',
    currency: 'EUR',
  })
})
