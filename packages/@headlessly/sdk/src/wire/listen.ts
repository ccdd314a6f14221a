// A feed of the tenant by server-sent events.

import { authorization, baseOf, toNetworkError, unexpected } from './http.ts'
import { problemToError } from './problem-to-error.ts'
import { readServerSentEvents } from './server-sent-events.ts'
import type { Settings } from './settings.ts'
import type { Heard, ListenCall } from './transport.ts'

/** The server sends something every 20 s, so a longer silence means that it is lost. */
const silenceMsMax = 50_000

export async function* listen(
  settings: Settings,
  call: ListenCall,
  { silenceMs }: { readonly silenceMs: number } = { silenceMs: silenceMsMax },
): AsyncGenerator<Heard> {
  const { feed, after, signal } = call
  const connection = new AbortController()
  const stop = (): void => connection.abort()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  let silence = setTimeout(stop, settings.timeoutMs)
  const heardSomething = (): void => {
    clearTimeout(silence)
    silence = setTimeout(stop, silenceMs)
  }
  try {
    const response = await settings.fetch(
      `${baseOf(settings)}/${feed.path}?${new URLSearchParams(feed.parameters).toString()}`,
      {
        redirect: 'manual',
        signal: connection.signal,
        headers: { accept: 'text/event-stream', 'last-event-id': String(after), ...authorization(settings) },
      },
    )
    if (!response.ok) throw problemToError(response, await response.text())
    if (response.body === null || response.headers.get('content-type')?.startsWith('text/event-stream') !== true)
      throw unexpected(response, 'an event stream')
    for await (const message of readServerSentEvents(response.body, heardSomething)) {
      // Nothing is read while a commit is handled, which is not silence of the server.
      clearTimeout(silence)
      if (/^\d{1,15}$/.test(message.id)) yield { seq: Number(message.id), text: message.data }
      heardSomething()
    }
  } catch (error) {
    if (signal.aborted) return
    throw toNetworkError(error, { settings, why: connection.signal.aborted ? 'fell silent' : undefined })
  } finally {
    clearTimeout(silence)
    signal.removeEventListener('abort', stop)
    stop()
  }
}
