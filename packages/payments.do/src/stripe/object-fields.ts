// Fields of an entity from an object of Stripe, and parameters of a request from fields, both by the table.

import type { EntityFields, JsonValue } from 'digital-objects'
import type { Conversion, FieldRow, ObjectName, ObjectRow } from './object-table.ts'
import type { StripeObject } from './stripe-api.ts'
import { at, idAt, numberAt, textAt, timeAt } from './stripe-value.ts'

/** An object that the Nouns cannot hold; the message says why, and the remedy what a person can do at Stripe. */
export class Unsupported extends Error {
  readonly remedy: string

  constructor(message: string, remedy = 'change it at Stripe, or keep it there only') {
    super(message)
    this.remedy = remedy
  }
}

export const priceOfOneAmount =
  'at Stripe, make a price of one amount in whole units of its smallest coin, by month or year, and move its subscriptions there; ' +
  'until then they are billed at Stripe only, and count in no metric here'

/** Values by field. Null says that the object has none. */
export type Values = Readonly<Record<string, JsonValue>>

/** Returns the id of the entity that stands for an object. */
export type EntityOf = (object: ObjectName, stripeId: string) => string | undefined

const references: readonly Conversion[] = ['customer', 'product', 'price', 'subscription']
const durations = { once: 'Once', repeating: 'Repeating', forever: 'Forever' } as const
const intervals = { month: 'Monthly', year: 'Yearly' } as const

/** The objects that an object refers to, so that their entities can be made first. */
export function referredObjects(row: ObjectRow, object: StripeObject): readonly (readonly [ObjectName, string])[] {
  return row.fields.flatMap(({ as, from }) => {
    const id = isReference(as) ? idAt(object, ...from) : undefined
    return isReference(as) && id !== undefined ? [[as, id] as const] : []
  })
}

function isReference(as: Conversion): as is 'customer' | 'product' | 'price' | 'subscription' {
  return references.includes(as)
}

/** Throws an Unsupported. */
export function objectToValues(row: ObjectRow, object: StripeObject, entityOf: EntityOf): Values {
  const values = row.fields.map(
    ({ field, as, from }) => [field, toValue(as, { object, from, entityOf }) ?? null] as const,
  )
  return { ...Object.fromEntries(values), ...(row.object === 'price' ? priceInterval(object) : {}) }
}

interface Found {
  readonly object: StripeObject
  readonly from: readonly string[]
  readonly entityOf: EntityOf
}

function toValue(as: Conversion, { object, from, entityOf }: Found): JsonValue | undefined {
  switch (as) {
    case 'text':
      return textAt(object, ...from)
    case 'number':
      return numberAt(object, ...from)
    case 'time':
      return timeAt(object, ...from)
    case 'currency':
      return textAt(object, ...from)?.toUpperCase()
    case 'boolean':
      return at(object, ...from) === true
    case 'active':
      return at(object, ...from) === false ? 'Archived' : 'Active'
    case 'duration':
      return durations[(textAt(object, ...from) ?? 'forever') as keyof typeof durations]
    default: {
      const id = idAt(object, ...from)
      return id === undefined ? undefined : entityOf(as, id)
    }
  }
}

function priceInterval(price: StripeObject): Values {
  const interval = textAt(price, 'recurring.interval')
  const count = numberAt(price, 'recurring.interval_count') ?? 1
  if (numberAt(price, 'unit_amount') === undefined)
    throw new Unsupported('its amount is in tiers, or in fractions of the smallest unit', priceOfOneAmount)
  if (interval === undefined) return { interval: 'OneTime', intervalCount: 1 }
  if (textAt(price, 'recurring.usage_type') === 'metered') return { interval: 'Usage', intervalCount: count }
  const name = Object.hasOwn(intervals, interval) ? intervals[interval as keyof typeof intervals] : undefined
  if (name === undefined)
    throw new Unsupported(`its interval is the ${interval}, and prices here are by month or year`, priceOfOneAmount)
  return { interval: name, intervalCount: count }
}

/** Returns the id of the object that an entity stands for. */
export type ObjectOf = (entityId: string) => string | undefined

export interface ToSend {
  readonly fields: EntityFields
  /** Whether the object is created by the request. */
  readonly isNew: boolean
  /** The fields that are sent; by default all. */
  readonly only?: readonly string[]
  readonly objectOf: ObjectOf
}

/** Returns the parameters of a request that creates or changes an object. */
export function valuesToParameters(row: ObjectRow, { fields, isNew, only, objectOf }: ToSend): Record<string, unknown> {
  const parameters: Record<string, unknown> = {}
  for (const { field, as, to, side, isFixed } of row.fields) {
    if (to === undefined || (!isNew && (isFixed === true || side !== 'Both' || only?.includes(field) === false)))
      continue
    const value = toParameter(as, fields[field], objectOf)
    // An empty string clears a value.
    if (value !== undefined) setAt(parameters, to, value)
    else if (!isNew) setAt(parameters, to, '')
  }
  if (row.object === 'price' && isNew) setInterval(parameters, fields)
  return parameters
}

function toParameter(as: FieldRow['as'], value: JsonValue | undefined, objectOf: ObjectOf): unknown {
  if (value === undefined || value === null) return undefined
  if (as === 'currency') return String(value).toLowerCase()
  if (as === 'time') return Math.floor(Date.parse(String(value)) / 1_000)
  if (as === 'active') return value === 'Active'
  if (as === 'duration') return String(value).toLowerCase()
  return isReference(as) ? objectOf(String(value)) : value
}

const months: Readonly<Record<string, readonly [string, number]>> = {
  Monthly: ['month', 1],
  Quarterly: ['month', 3],
  Yearly: ['year', 1],
}

/** A price of usage needs a meter, which only Stripe's own pages set up. */
function setInterval(parameters: Record<string, unknown>, { interval, intervalCount = 1 }: EntityFields): void {
  const [unit, factor] = months[String(interval)] ?? []
  if (unit === undefined || factor === undefined) return
  setAt(parameters, 'recurring[interval]', unit)
  setAt(parameters, 'recurring[interval_count]', factor * Number(intervalCount))
}

/** `items[0][price]` becomes the nested form that the library encodes. */
function setAt(parameters: Record<string, unknown>, name: string, value: unknown): void {
  const [first = '', ...rest] = name.replaceAll(']', '').split('[')
  const [next, ...others] = rest
  if (next === undefined) {
    parameters[first] = value
    return
  }
  const isList = /^\d+$/.test(next)
  const inner = (parameters[first] ??= isList ? [] : {}) as Record<string, unknown>
  setAt(inner, `${next}${others.map((part) => `[${part}]`).join('')}`, value)
}

/** The differences between what an entity has and what an object says, by field. */
export function differences(values: Values, fields: EntityFields): Values {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => (fields[name] ?? null) !== value))
}
