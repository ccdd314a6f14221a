// The schemas of a tenant's settings: all of them, as answers have them, and a merge patch.

import { type SettingName, settingNames, settingTable, weekdays } from 'digital-objects'
import { type Json, ref } from './components.ts'
import { durationPattern, orNull } from './field-schema.ts'

const duration = { type: 'string', pattern: durationPattern } as const
const minutes = '([01][0-9]|2[0-3]):[0-5][0-9]'
const openings = {
  type: 'string',
  pattern: `^${minutes}-(${minutes}|24:00)(,${minutes}-(${minutes}|24:00))*$`,
} as const

const datePart = '[{](year|month|day)[}]'
const numberPattern = `^([^{}]|${datePart})*[{]number(:[1-9])?[}]([^{}]|${datePart})*$`
/** The limit of priorities, and of patterns. */
const namesMax = 50

/** The members of the setting `model`. */
function modelProperties(part: (schema: Json) => Json): Json {
  const embeddings = {
    model: { ...part({ type: 'string', maxLength: 200 }), description: 'Model of vectors of the same server.' },
    dimensions: {
      ...orNull({ type: 'integer', minimum: 1, maximum: 8_192 }),
      description: "Numbers of a vector; null for the model's own.",
    },
    types: {
      ...orNull({ type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 200 }),
      description: 'Entity types whose texts get vectors; null for all.',
    },
    price: { ...part({ type: 'number', minimum: 0 }), description: 'Price of a million tokens.' },
    tokensPerDay: {
      ...orNull({ type: 'integer', minimum: 1 }),
      description: 'Tokens of a day, after which no more texts get vectors; null for any number.',
    },
  }
  return {
    server: {
      ...part({ type: 'string', maxLength: 300, pattern: '^(https?://.+|workers-ai)$' }),
      description: 'Base address of an OpenAI-compatible API, or workers-ai.',
    },
    model: { ...part({ type: 'string', maxLength: 200 }), description: 'Model of agents that name none.' },
    inputPrice: { ...part({ type: 'number', minimum: 0 }), description: 'Price of a million tokens that it reads.' },
    outputPrice: { ...part({ type: 'number', minimum: 0 }), description: 'Price of a million tokens that it writes.' },
    embeddings: {
      ...part(orNull({ type: 'object', properties: embeddings, additionalProperties: false })),
      description: 'Model that makes vectors of texts, for search by meaning; null without one.',
    },
  }
}

/** In a patch, `part` lets the parts of a setting be null. */
function schemasOf(part: (schema: Json) => Json): Readonly<Record<SettingName, Json>> {
  const durations = { type: 'object', additionalProperties: part(duration), maxProperties: namesMax } as const
  const days = weekdays.map((day) => {
    const description = `Opening hours on ${day}, such as 09:00-12:00,13:00-17:00.`
    return [day, { ...part(openings), description }] as const
  })
  const targets = {
    firstResponse: { ...part(durations), description: 'Time until the first response, by priority.' },
    resolution: { ...part(durations), description: 'Time until the resolution, by priority.' },
  }
  const mail = {
    server: {
      ...part({ type: 'string', maxLength: 300, pattern: '^(smtps?|smtp[+]plain)://' }),
      description: 'Mail server: smtps://user@host, smtp://user@host or smtp+plain://host.',
    },
    from: { ...part({ type: 'string', maxLength: 300 }), description: 'Sender, such as Acme <hello@acme.com>.' },
    reminders: { ...part({ type: 'boolean' }), description: 'Whether assignees are reminded of activities.' },
    dunning: { ...part({ type: 'boolean' }), description: 'Whether customers hear of overdue invoices.' },
  }
  const model = modelProperties(part)
  const payments = {
    provider: { ...part({ type: 'string', enum: ['stripe'] }), description: 'The provider.' },
    mode: { ...part({ type: 'string', enum: ['test', 'live'] }), description: 'Mode of the account.' },
    account: { ...part({ type: 'string', maxLength: 64 }), description: 'Id of the account at the provider.' },
    connected: { ...part({ type: 'boolean' }), description: 'Whether there is a connection now.' },
  }
  return {
    timeZone: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$' },
    currency: ref('Currency'),
    businessHours: orNull({ type: 'object', properties: Object.fromEntries(days), additionalProperties: false }),
    holidays: { type: 'array', items: { type: 'string', format: 'date' }, maxItems: 1_000 },
    sla: { type: 'object', properties: targets, additionalProperties: false },
    numbers: {
      type: 'object',
      additionalProperties: part({ type: 'string', maxLength: 64, pattern: numberPattern }),
      maxProperties: namesMax,
    },
    paymentTerms: duration,
    paymentRetryDays: {
      type: 'array',
      items: { type: 'integer', minimum: 1, maximum: 365 },
      maxItems: 10,
      uniqueItems: true,
    },
    unpaidSubscription: { type: 'string', enum: ['Cancelled', 'Unpaid', 'PastDue'] },
    unpaidInvoice: { type: 'string', enum: ['Uncollectible', 'Open'] },
    mail: orNull({ type: 'object', properties: mail, additionalProperties: false }),
    model: orNull({ type: 'object', properties: model, additionalProperties: false }),
    payments: orNull({ type: 'object', properties: payments, additionalProperties: false }),
  }
}

function described(schemas: Readonly<Record<SettingName, Json>>): Json {
  const about = (name: SettingName): string => settingTable[name].about
  return Object.fromEntries(settingNames.map((name) => [name, { ...schemas[name], description: about(name) }]))
}

/** Settings that are null by themselves. */
const nullable = ['businessHours', 'mail', 'model', 'payments']

const patches = Object.fromEntries(
  Object.entries(schemasOf(orNull)).map(([name, schema]) => [name, nullable.includes(name) ? schema : orNull(schema)]),
) as Readonly<Record<SettingName, Json>> // the names of `schemasOf`

export const settingsSchemas = {
  Settings: {
    type: 'object',
    description: 'The settings of a tenant.',
    required: settingNames,
    properties: described(schemasOf((schema) => schema)),
  },
  SettingsPatch: {
    type: 'object',
    description: 'A merge patch of the settings (RFC 7396): null returns a setting to its default.',
    properties: described(patches),
    additionalProperties: false,
  },
} as const satisfies Json
