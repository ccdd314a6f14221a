// The settings of a tenant, such as its time zone and business hours: their names, defaults and checks. Only what a tenant
// has set is stored, so that a setting without a value follows the default.

import type { JsonValue } from '../base/entity.ts'
import { mergePatch } from '../base/merge-patch.ts'
import { nearestName } from '../base/nearest-name.ts'
import { type Fault, ObjectError } from '../base/object-error.ts'
import { isPlainObject } from '../base/is-object.ts'
import type { BusinessHours } from '../time/business-time.ts'
import { mailOf, type MailSettings } from './mail-settings.ts'
import { modelOf, type ModelSettings } from './model-settings.ts'
import { paymentsOf, type PaymentSettings } from './payment-settings.ts'
import {
  type Check,
  businessHoursOf,
  currencyOf,
  datesOf,
  daysOf,
  durationOf,
  oneOf,
  patternsOf,
  targetsOf,
  timeZoneOf,
  WrongSetting,
} from './setting-checks.ts'

export interface TenantSettings {
  /** IANA name: `Europe/Berlin`. */
  readonly timeZone: string
  /** ISO 4217 code of the currency in which the business counts. */
  readonly currency: string
  /** Null if the business is always open. */
  readonly businessHours: BusinessHours | null
  /** Dates on which the business is closed. */
  readonly holidays: readonly string[]
  /** ISO 8601 durations by priority of a ticket, counted in business hours. */
  readonly sla: {
    readonly firstResponse: Readonly<Record<string, string>>
    readonly resolution: Readonly<Record<string, string>>
  }
  /** Maps a Noun to the pattern of its numbers: `INV-{year}-{number:4}`. */
  readonly numbers: Readonly<Record<string, string>>
  /** ISO 8601 duration from the issue of an invoice until it is due. */
  readonly paymentTerms: string
  /** Days since an invoice is past due on which its payment is requested again; on the last one, it is given up. */
  readonly paymentRetryDays: readonly number[]
  /** The state of a subscription whose payment was given up. */
  readonly unpaidSubscription: 'Cancelled' | 'Unpaid' | 'PastDue'
  /** The state of an invoice whose payment was given up. */
  readonly unpaidInvoice: 'Uncollectible' | 'Open'
  /** The mail server, and what is sent by itself; null if no mail is sent. */
  readonly mail: MailSettings | null
  /** The language model of agents; null without one. */
  readonly model: ModelSettings | null
  /** The account of a payment provider; null if there has never been one. */
  readonly payments: PaymentSettings | null
}

export type SettingName = keyof TenantSettings

/** The settings that a tenant has set, as they are stored. */
export type StoredSettings = Readonly<Record<string, JsonValue>>

interface Setting<Name extends SettingName> {
  readonly about: string
  readonly default: TenantSettings[Name]
  readonly check: Check<TenantSettings[Name]>
}

export const settingTable: { readonly [Name in SettingName]: Setting<Name> } = {
  timeZone: {
    about: 'IANA time zone in which the business counts days and hours, such as Europe/Berlin.',
    default: 'UTC',
    check: timeZoneOf,
  },
  currency: {
    about: 'ISO 4217 code of the currency in which the business counts, such as EUR.',
    default: 'USD',
    check: currencyOf,
  },
  businessHours: {
    about:
      'Opening hours by weekday, such as {"monday":"09:00-12:00,13:00-17:00"}; null if the business is always open.',
    default: null,
    check: businessHoursOf,
  },
  holidays: {
    about: 'Dates on which the business is closed, such as 2026-12-25.',
    default: [],
    check: datesOf,
  },
  sla: {
    about: 'Time until the first response to a ticket and until its resolution, by priority, in business hours.',
    default: {
      firstResponse: { Urgent: 'PT1H', High: 'PT4H', Medium: 'PT24H', Low: 'PT72H' },
      resolution: { Urgent: 'PT4H', High: 'PT16H', Medium: 'PT96H', Low: 'PT288H' },
    },
    check: targetsOf,
  },
  numbers: {
    about: 'Pattern of the numbers of an entity type, such as {"Invoice":"INV-{year}-{number:4}"}.',
    default: { Invoice: 'INV-{year}-{number:4}' },
    check: patternsOf,
  },
  paymentTerms: {
    about: 'Time from the issue of an invoice until it is due, as an ISO 8601 duration such as P14D.',
    default: 'P30D',
    check: durationOf,
  },
  paymentRetryDays: {
    about:
      'Days since an invoice is past due on which its payment is requested again; on the last one it is given up, and without any, never.',
    default: [3, 5, 7],
    check: daysOf,
  },
  unpaidSubscription: {
    about:
      'State of a subscription whose payment was given up: Cancelled, Unpaid (billed no more until it is paid) or PastDue.',
    default: 'Cancelled',
    check: oneOf('Cancelled', 'Unpaid', 'PastDue'),
  },
  unpaidInvoice: {
    about: 'State of an invoice whose payment was given up: Uncollectible or Open.',
    default: 'Uncollectible',
    check: oneOf('Uncollectible', 'Open'),
  },
  mail: {
    about:
      'Mail server and sender, such as {"server":"smtps://user@smtp.acme.com","from":"Acme <hello@acme.com>"}, and whether reminders and dunning are sent; null without mail.',
    default: null,
    check: mailOf,
  },
  model: {
    about:
      'Language model of agents, such as {"server":"https://api.openai.com/v1","model":"gpt-4.1-mini"}, or of Workers AI with the server workers-ai, and prices of a million tokens; null without a model.',
    default: null,
    check: modelOf,
  },
  payments: {
    about:
      'Account of a payment provider, such as {"provider":"stripe","mode":"test","account":"acct_1Ab","connected":true}, which payments connect sets; null without one.',
    default: null,
    check: paymentsOf,
  },
}

export const settingNames = Object.keys(settingTable) as readonly SettingName[] // the keys of the table

/** Applies a merge patch; null returns a setting to its default. Throws an ObjectError that names each wrong setting. */
export function patchSettings(stored: StoredSettings, patch: Readonly<Record<string, JsonValue>>): StoredSettings {
  const unknown = Object.keys(patch).filter((name) => !Object.hasOwn(settingTable, name))
  if (unknown.length > 0) throw refusal(unknown.map(unknownSetting))
  const merged = mergePatch(stored, patch) as StoredSettings // a patch of an object is one
  const faults = settingNames.filter((name) => Object.hasOwn(patch, name)).flatMap((name) => faultOf(name, merged))
  if (faults.length > 0) throw refusal(faults)
  return merged
}

/** Returns all settings, with defaults for those that are not set. */
export function completeSettings(stored: StoredSettings): TenantSettings {
  const complete = Object.fromEntries(settingNames.map((name) => [name, valueOf(name, stored)]))
  return complete as unknown as TenantSettings // one value for each name, each checked by its own check
}

export const defaultSettings: TenantSettings = completeSettings({})

/** A stored value that this version of the program does not accept counts as not set. */
function valueOf(name: SettingName, stored: StoredSettings): unknown {
  try {
    return checked(name, stored)
  } catch (error) {
    if (!(error instanceof WrongSetting)) throw error
    return settingTable[name].default
  }
}

function checked(name: SettingName, stored: StoredSettings): unknown {
  const { check, default: fallback } = settingTable[name]
  const value = Object.hasOwn(stored, name) ? stored[name] : undefined
  if (value === undefined) return fallback
  return check(isPlainObject(fallback) ? mergePatch(fallback, value) : value)
}

function faultOf(name: SettingName, stored: StoredSettings): readonly Fault[] {
  try {
    checked(name, stored)
    return []
  } catch (error) {
    if (!(error instanceof WrongSetting)) throw error
    return [{ field: error.path === '' ? name : `${name}.${error.path}`, message: error.message }]
  }
}

function unknownSetting(name: string): Fault {
  const field = name.slice(0, 64)
  const nearest = nearestName(name, settingNames)
  const hint = nearest === undefined ? `the settings are ${settingNames.join(', ')}` : `did you mean '${nearest}'?`
  return { field, message: `is not a setting; ${hint}` }
}

function refusal(faults: readonly Fault[]): ObjectError {
  const message = `settings: ${faults.map((fault) => `'${fault.field}' ${fault.message}`).join('; ')}`
  return new ObjectError({ code: 'validation_error', message, faults })
}
