// An event of a web page as the fields of an Event. What a page sends is bounded, and unknown members are kept as properties.

import { isPlainObject, type JsonValue } from 'digital-objects'

export interface IngestedEvent {
  /** The sender's own id of the event. */
  readonly id: string
  readonly fields: Readonly<Record<string, JsonValue>>
}

/** Members of a page's event that are fields of an Event, and the characters that they may have. */
const texts: Readonly<Record<string, number>> = {
  type: 100,
  name: 200,
  userId: 200,
  anonymousId: 200,
  sessionId: 200,
  url: 2_000,
  path: 1_000,
  referrer: 2_000,
}
const propertiesCharactersMax = 16_000
const idPattern = /^[\w.:-]{8,100}$/
/** Clocks of visitors are wrong, and batches of pages that were offline come late. */
const earliestMs = Date.UTC(2000, 0, 1)

/** Returns the reason for which an event is refused, as a string. */
export function toEvent(given: unknown): IngestedEvent | string {
  if (!isPlainObject(given)) return 'an event expects an object'
  const { id, timestamp, properties = {}, ...others } = given
  if (typeof id !== 'string' || !idPattern.test(id)) return 'id expects 8 to 100 letters, digits, or any of . : _ -'
  if (!isPlainObject(properties)) return 'properties expects an object'
  const fields: Record<string, JsonValue> = { type: 'track', source: 'Browser' }
  const more: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(others)) {
    const max = Object.hasOwn(texts, name) ? texts[name] : undefined
    if (max === undefined) more[name] = value
    else if (typeof value !== 'string' || value.length > max)
      return `${name} expects a text of at most ${max} characters`
    else fields[name] = value
  }
  const all = JSON.stringify({ ...more, ...properties })
  if (all.length > propertiesCharactersMax) return `properties expects at most ${propertiesCharactersMax} characters`
  if (all !== '{}') fields['properties'] = JSON.parse(all) as JsonValue
  if (timestamp === undefined) return { id, fields }
  const ms =
    typeof timestamp === 'number' ? timestamp : typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
  if (!(ms >= earliestMs && ms < 8e15)) return 'timestamp expects a time since 2000, in ms or as ISO 8601'
  return { id, fields: { ...fields, timestamp: new Date(ms).toISOString() } }
}
