// Sends events of a web page to a tenant, in batches. Each event has an id, by which the server counts it once, however often it is
// sent. Nothing is stored or sent before the visitor's consent.

import { WaitingEvents } from './waiting-events.ts'

export type Properties = Readonly<Record<string, unknown>>
/** `unknown` keeps events in memory until the visitor has decided. */
export type Consent = 'granted' | 'denied' | 'unknown'

export interface Options {
  /** The tenant's URL: `https://example.com/~acme`. */
  readonly url: string
  /** A key of kind `Public`. */
  readonly key: string
  /** By default `granted`, and `denied` for a browser that asks not to be tracked. */
  readonly consent?: Consent
  /** Whether page views are recorded by themselves. By default they are. */
  readonly pageViews?: boolean
}

const batchMax = 20
/** A longer event is sent alone. Browsers refuse requests with more than 64 KiB that may outlive their page. */
const charactersMax = 20_000
/** Browsers refuse longer requests of a page that is being closed. */
const closingCharactersMax = 60_000
const delayMs = 2_000
const retryMs = 30_000

export class Tracker {
  readonly #to: string
  readonly #session = crypto.randomUUID()
  readonly #waiting = new WaitingEvents()
  #consent: Consent
  #timer: ReturnType<typeof setTimeout> | undefined
  #sending: Promise<void> | undefined

  constructor({ url, key, consent }: Options) {
    this.#to = `${url}/ingest?key=${key}`
    this.#consent = 'unknown'
    this.setConsent(consent ?? (navigator.doNotTrack === '1' ? 'denied' : 'granted'))
    addEventListener('visibilitychange', () => this.#hide())
    addEventListener('online', () => this.#later(0))
  }

  track(name: string, properties?: Properties): void {
    this.#add('track', name, properties)
  }

  page(properties?: Properties): void {
    this.#add('page', 'page', properties)
  }

  /** Names the visitor in the events that follow. */
  identify(userId: string, traits?: Properties): void {
    this.#waiting.user = userId
    this.#add('identify', 'identify', traits)
  }

  /** A denial removes what waits and the visitor's id. */
  setConsent(consent: Consent): void {
    this.#consent = consent
    if (consent === 'denied') this.#waiting.clear()
    if (consent !== 'granted') return
    this.#waiting.load()
    this.#waiting.save()
    this.#later(0)
  }

  /** Resolves once what waits was sent, or could not be. */
  flush(): Promise<void> {
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined))
    return this.#sending
  }

  #add(type: string, name: string, properties: Properties = {}): void {
    if (this.#consent === 'denied') return
    const { visitor: anonymousId, user: userId, all } = this.#waiting
    const { href: url, pathname: path } = location
    const { referrer, title } = document
    const who = { anonymousId, sessionId: this.#session, userId }
    const where = { url, path, referrer, title }
    all.push({ id: crypto.randomUUID(), type, name, timestamp: Date.now(), ...who, ...where, properties })
    if (this.#consent !== 'granted') return
    this.#waiting.save()
    this.#later(all.length < batchMax ? delayMs : 0)
  }

  #later(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.flush(), ms)
  }

  async #send(): Promise<void> {
    while (this.#consent === 'granted' && this.#waiting.all.length > 0) {
      const batch = this.#waiting.all.slice(0, batchMax)
      let body = JSON.stringify({ events: batch })
      for (; body.length > charactersMax && batch.length > 1; body = JSON.stringify({ events: batch })) batch.pop()
      // A text needs no preflight.
      const request = { method: 'POST', body, keepalive: body.length <= charactersMax, credentials: 'omit' } as const
      const answer = await fetch(this.#to, request).catch(() => undefined)
      // A wrong request stays wrong; a server that is busy or away is asked again.
      if (answer === undefined || answer.status === 429 || answer.status >= 500) return this.#later(retryMs)
      this.#waiting.drop(batch)
      if (this.#consent === 'granted') this.#waiting.save()
    }
  }

  /** Sends what waits when the page may be closed. It stays, since nobody learns whether it has arrived. */
  #hide(): void {
    if (document.visibilityState !== 'hidden' || this.#consent !== 'granted') return
    const batch = this.#waiting.all.slice(-batchMax)
    const body = JSON.stringify({ events: batch })
    if (batch.length > 0 && body.length < closingCharactersMax) navigator.sendBeacon(this.#to, body)
  }
}

export function init(options: Options): Tracker {
  const tracker = new Tracker(options)
  if (options.pageViews === false) return tracker
  tracker.page()
  // Applications that draw their pages themselves.
  const { history } = globalThis
  const push = history.pushState.bind(history)
  history.pushState = (...state) => {
    push(...state)
    tracker.page()
  }
  addEventListener('popstate', () => tracker.page())
  return tracker
}
