// A ticket opens one WebSocket, where no header can carry the key.

import { parseJson } from 'digital-objects'
import { post, unexpected } from './http.ts'
import { problemToError } from './problem-to-error.ts'
import type { Settings } from './settings.ts'

/** Returns the parameter of the socket's URL; none without a key, where a cookie may say who calls. */
export async function ticketFor(settings: Settings): Promise<{ readonly ticket?: string }> {
  if (settings.apiKey === undefined) return {}
  const { response, text } = await post(settings, 'ticket', { headers: {}, signal: undefined })
  if (!response.ok) throw problemToError(response, text)
  const { ticket } = parseJson(text, () => unexpected(response, 'a ticket')) as { readonly ticket: string }
  return { ticket }
}
