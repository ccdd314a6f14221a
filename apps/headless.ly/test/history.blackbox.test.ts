// Loads histories into the server that ships, also while it is killed.

import { Headlessly, type HistoryLine } from '@headlessly/sdk'
import { expect, test } from 'vitest'
import { killServer } from '../../../soak/kill-server.ts'
import { useServer } from './server.ts'

const { call, server, tenant, url } = useServer({ flush: { intervalMs: 100 } })
const lineType = { 'content-type': 'application/x-ndjson' }

/** Changes of contacts over two years, one every six hours. */
function yearsOf(count: number): readonly HistoryLine[] {
  return Array.from({ length: count }, (_, at): HistoryLine => {
    const timestamp = new Date(Date.UTC(2023, 0, 1) + at * 21_600_000).toISOString()
    const target = `old-${at - (at % 2)}`
    if (at % 2 === 1) return { timestamp, type: 'Contact.Updated', target, data: { title: `t${at}` }, actor: 'ada' }
    return { timestamp, type: 'Contact.Created', target, data: { name: `n${at}` }, actor: 'ada' }
  })
}

const toBody = (lines: readonly HistoryLine[]): string => lines.map((line) => `${JSON.stringify(line)}\r\n`).join('')

async function checkLoaded(t: string, lines: readonly HistoryLine[]): Promise<void> {
  const $ = Headlessly({ tenant: t, endpoint: url() })
  const times: string[] = []
  for await (const { timestamp } of $.events.list()) times.push(timestamp)
  expect(times).toEqual(lines.map(({ timestamp }) => timestamp))
  for (const at of [0, 1, Math.floor(lines.length / 2), lines.length - 1]) {
    const asOf = lines[at]?.timestamp ?? ''
    expect(await $.Contact.count({}, { asOf })).toBe(Math.floor(at / 2) + 1)
  }
}

test('a body larger than any other is loaded while it arrives, and the lake has its months', async () => {
  const t = tenant()
  const lines = yearsOf(2_400).map((line, at) =>
    at % 50 === 0 ? { ...line, data: { ...line.data, metadata: { note: 'x'.repeat(30_000) } } } : line,
  )
  const body = toBody(lines)
  expect(body.length).toBeGreaterThan(2 ** 20)
  const loaded = await call('POST', `/~${t}/history`, body, lineType)
  expect([loaded.status, loaded.body]).toEqual([
    200,
    { lines: lines.length, timestamp: lines.at(-1)?.timestamp, isOpen: true },
  ])
  await checkLoaded(t, lines)
  await call('POST', `/~${t}/lake/flush`)
  expect((await call('POST', `/~${t}/lake/verify`)).body).toMatchObject({ isWhole: true, events: lines.length })
  // The first live write is of now.
  const made = await call('POST', `/~${t}/Contact`, { name: 'Di' })
  expect(Date.parse(String(made.body['$createdAt']))).toBeGreaterThan(Date.now() - 60_000)
  expect(await call('POST', `/~${t}/history`, body, lineType)).toMatchObject({
    status: 409,
    body: { code: 'conflict' },
  })
  expect((await call('GET', `/~${t}/history`)).body).toMatchObject({ lines: lines.length, isOpen: false })
})

test('a load that dies with the server continues where it was, and loads nothing twice', async () => {
  const t = tenant()
  const lines = yearsOf(2_000)
  const $ = Headlessly({ tenant: t, endpoint: url() })
  const loading = $.history.load(lines).catch(() => undefined)
  await expect.poll(async () => (await $.history.read()).lines, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0)
  await killServer(server())
  await loading
  const { lines: before } = await $.history.read()
  expect(before).toBeGreaterThan(0)
  const seen: number[] = []
  expect(await $.history.load(lines, { onProgress: ({ lines: done }) => seen.push(done) })).toMatchObject({
    lines: 2_000,
  })
  expect(seen.every((done) => done >= before)).toBe(true)
  await checkLoaded(t, lines)
})

test('the answer names the refused line, and what the sender did wrong', async () => {
  const t = tenant()
  const [first, second] = yearsOf(2)
  const wrong = toBody([first, { ...second, data: { titel: 'x' } }] as readonly HistoryLine[])
  expect(await call('POST', `/~${t}/history`, wrong, lineType)).toMatchObject({
    status: 422,
    body: { code: 'validation_error', line: 2, lines: 1 },
  })
  expect(await call('POST', `/~${t}/history?from=2`, toBody([second] as HistoryLine[]), lineType)).toMatchObject({
    status: 200,
    body: { lines: 2 },
  })
  const refused: readonly (readonly [path: string, body: string, headers: Record<string, string>, status: number])[] = [
    ['/history', wrong, { 'content-type': 'text/plain' }, 415],
    ['/history', '', lineType, 400],
    ['/history?from=0', wrong, lineType, 400],
    ['/history?form=1', wrong, lineType, 400],
    ['/history', wrong, { ...lineType, 'if-match': '"1"' }, 400],
    ['/history', wrong, { ...lineType, 'x-headlessly-at': '2024-01-01T00:00:00Z' }, 400],
    ['/history', `"${'x'.repeat(2 ** 20 + 1)}"`, lineType, 413],
  ]
  for (const [path, body, headers, status] of refused)
    expect([path, (await call('POST', `/~${t}${path}`, body, headers)).status]).toEqual([path, status])
  expect((await call('DELETE', `/~${t}/history`)).status).toBe(405)
})
