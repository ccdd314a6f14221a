// The bundled script in the globals of a browser: storage, page and network are those of this file.

import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

interface Options {
  readonly url: string
  readonly key: string
  readonly consent?: string
  readonly pageViews?: boolean
}

interface Tracker {
  track(name: string, properties?: object): void
  setConsent(consent: string): void
  flush(): Promise<void>
}

interface Sent {
  readonly to: string
  readonly body: { readonly events: readonly Readonly<Record<string, unknown>>[] }
}

const options: Options = { url: 'https://example.com/~acme', key: 'hly_pk_x' }
let sent: Sent[] = []
let answers: (() => Response | undefined)[] = []
let stored: Map<string, string>
let listeners: Map<string, () => void>
let visibility = 'visible'

let script: Uint8Array
let init: (options: Options) => Tracker

/** The modules that a page loads. */
beforeAll(async () => {
  const entry = new URL('../src/index.ts', import.meta.url).pathname
  const bundled = await build({ entryPoints: [entry], bundle: true, minify: true, format: 'esm', write: false })
  script = bundled.outputFiles[0]?.contents ?? new Uint8Array()
  const url = `data:text/javascript;base64,${Buffer.from(script).toString('base64')}`
  init = ((await import(/* @vite-ignore */ url)) as { init: typeof init }).init
})

beforeEach(() => {
  sent = []
  answers = []
  stored = new Map()
  listeners = new Map()
  visibility = 'visible'
  vi.useFakeTimers()
  const record = (to: string, body: string): void => void sent.push({ to, body: JSON.parse(body) as Sent['body'] })
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  })
  vi.stubGlobal('location', { href: 'https://shop.example/a?b', pathname: '/a' })
  vi.stubGlobal('document', {
    referrer: '',
    title: 'Shop',
    get visibilityState() {
      return visibility
    },
  })
  vi.stubGlobal('history', { pushState: () => {} })
  vi.stubGlobal('addEventListener', (name: string, listener: () => void) => listeners.set(name, listener))
  vi.stubGlobal('navigator', { doNotTrack: null, sendBeacon: (to: string, body: string) => record(to, body) })
  vi.stubGlobal('fetch', (to: string, { body }: { readonly body: string }) => {
    const answer = answers.shift() ?? (() => new Response(null, { status: 202 }))
    const response = answer()
    if (response === undefined) return Promise.reject(new TypeError('no network'))
    record(to, body)
    return Promise.resolve(response)
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const names = (): unknown[] => sent.flatMap(({ body }) => body.events.map(({ name }) => name))

test('a page view and what is tracked go as one batch with a public key, and then wait no more', async () => {
  const tracker = init(options)
  tracker.track('signed_up', { plan: 'pro' })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(sent).toHaveLength(1)
  expect(sent[0]?.to).toBe('https://example.com/~acme/ingest?key=hly_pk_x')
  expect(sent[0]?.body.events).toMatchObject([
    { type: 'page', path: '/a', url: 'https://shop.example/a?b', title: 'Shop' },
    { type: 'track', name: 'signed_up', properties: { plan: 'pro' } },
  ])
  expect(JSON.parse(stored.get('hly') ?? '')).toMatchObject({ w: [] })
})

test('what a lost network kept is sent once by a later page, under the same ids', async () => {
  answers = [() => undefined]
  const first = init({ ...options, pageViews: false })
  first.track('one')
  await first.flush()
  expect(sent).toEqual([])
  const kept = (JSON.parse(stored.get('hly') ?? '') as { w: { id: string }[] }).w
  const second = init({ ...options, pageViews: false })
  await second.flush()
  expect(sent.flatMap(({ body }) => body.events.map(({ id }) => id))).toEqual(kept.map(({ id }) => id))
})

test('a busy server is asked again later, and a refusal is final', async () => {
  answers = [() => new Response(null, { status: 503 })]
  const tracker = init({ ...options, pageViews: false })
  tracker.track('one')
  await tracker.flush()
  expect(names()).toEqual(['one'])
  await vi.advanceTimersByTimeAsync(31_000)
  expect(names()).toEqual(['one', 'one'])
  answers = [() => new Response(null, { status: 400 })]
  tracker.track('two')
  await tracker.flush()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(names()).toEqual(['one', 'one', 'two'])
})

test('nothing is stored or sent before consent, and a denial forgets the visitor', async () => {
  const tracker = init({ ...options, consent: 'unknown' })
  tracker.track('early')
  await vi.advanceTimersByTimeAsync(60_000)
  expect([sent, [...stored.keys()]]).toEqual([[], []])
  tracker.setConsent('granted')
  await vi.advanceTimersByTimeAsync(5_000)
  expect(names()).toEqual(['page', 'early'])
  const visitor = sent[0]?.body.events[0]?.['anonymousId']
  tracker.setConsent('denied')
  tracker.track('late')
  await vi.advanceTimersByTimeAsync(60_000)
  expect([names(), [...stored.keys()]]).toEqual([['page', 'early'], []])
  tracker.setConsent('granted')
  tracker.track('again')
  await tracker.flush()
  expect(sent.at(-1)?.body.events[0]?.['anonymousId']).not.toBe(visitor)
})

test('a browser that asks not to be tracked is not', async () => {
  vi.stubGlobal('navigator', { doNotTrack: '1', sendBeacon: () => true })
  init(options).track('one')
  await vi.advanceTimersByTimeAsync(60_000)
  expect([sent, stored.size]).toEqual([[], 0])
})

test('a page that is being closed sends what waits, and keeps it for the next one', () => {
  const tracker = init({ ...options, pageViews: false })
  tracker.track('last')
  visibility = 'hidden'
  listeners.get('visibilitychange')?.()
  expect(names()).toEqual(['last'])
  expect((JSON.parse(stored.get('hly') ?? '') as { w: unknown[] }).w).toHaveLength(1)
})

test('more events than fit without a network leave the newest 500, which go in batches of 20', async () => {
  const tracker = init({ ...options, pageViews: false })
  for (let at = 0; at < 510; at++) tracker.track(`e${at}`)
  await tracker.flush()
  expect(sent.every(({ body }) => body.events.length <= 20)).toBe(true)
  expect([names()[0], names().length]).toEqual(['e10', 500])
})

test('events of any length are sent in requests that browsers and the server take', async () => {
  const send = fetch
  const taken = vi.fn((to: string, request: { readonly body: string; readonly keepalive: boolean }) => {
    const bytes = Buffer.byteLength(request.body)
    if (request.keepalive && bytes > 65_536) return Promise.reject(new TypeError('a request that outlives its page'))
    if (bytes > 262_144) return Promise.resolve(new Response(null, { status: 413 }))
    return send(to, request)
  })
  vi.stubGlobal('fetch', taken)
  const tracker = init({ ...options, pageViews: false })
  for (let at = 0; at < 40; at++) tracker.track(`e${at}`, { text: 'é'.repeat(at % 10 === 9 ? 15_000 : 5_000) })
  await tracker.flush()
  expect(names()).toEqual(Array.from({ length: 40 }, (_, at) => `e${at}`))
  expect(JSON.parse(stored.get('hly') ?? '')).toMatchObject({ w: [] })
})

test('the script has at most 2 KB after gzip', () => {
  expect(script.length).toBeGreaterThan(1_000)
  expect(gzipSync(script).length).toBeLessThanOrEqual(2_048)
})
