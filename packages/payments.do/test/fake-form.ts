// Parameters of a request to the server that stands in for Stripe.

import { isPlainObject } from 'digital-objects'

type Json = Record<string, unknown>

/** Values of a form are strings; these members are others. */
export function plainValues(parameters: Json): Json {
  const made: Json = { ...parameters }
  for (const [name, value] of Object.entries(parameters)) {
    if (value === 'true' || value === 'false') made[name] = value === 'true'
    else if (value === '') made[name] = null
    else if (
      /^(?:unit_amount|percent_off|amount_off|percentage|max_redemptions|duration_in_months|redeem_by)$/.test(name)
    )
      made[name] = Number(value)
  }
  const recurring = made['recurring'] as Json | undefined
  if (recurring !== undefined)
    made['recurring'] = { ...recurring, interval_count: Number(recurring['interval_count'] ?? 1) }
  return made
}

/** `items[0][price]=price_1` */
export function parseForm(text: string): Json {
  const parsed: Json = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const parts = name.replaceAll(']', '').split('[')
    let place = parsed
    for (const part of parts.slice(0, -1)) {
      const inner = place[part]
      const next: Json = isPlainObject(inner) ? inner : {}
      place[part] = next
      place = next
    }
    place[parts.at(-1) ?? ''] = value
  }
  return parsed
}
