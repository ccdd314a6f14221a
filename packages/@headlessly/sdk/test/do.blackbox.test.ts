// `$.do` against the server that ships.

import { $ as program, type Client, Headlessly, HeadlesslyError } from '@headlessly/sdk'
import { transform } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'

const { url, tenant } = useSharedServer()
const client = (): Client => Headlessly({ tenant: tenant(), endpoint: url() })

async function refusal(call: Promise<unknown>): Promise<HeadlesslyError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof HeadlesslyError) return error
  throw new Error('it was not refused', { cause: error })
}

test('a function runs in the tenant, and the caller sees its writes', async () => {
  const $ = client()
  const ada = await $.Contact.create({ name: 'Ada' })
  const result = await $.do(
    async ($, { id, value }) => {
      const found = await $.Contact.get(id)
      const deal = await $.Deal.create({ name: `For ${found?.name}`, value, contact: id })
      return { deal: deal.$id, deals: (await $.Deal.find({ contact: id })).length }
    },
    { given: { id: ada.$id, value: 12_000 } },
  )
  expect(result.deals).toBe(1)
  expect(await $.Deal.get(result.deal)).toMatchObject({ name: 'For Ada', value: 12_000 })
})

test('values that JSON cannot express are returned unchanged, and no result as undefined', async () => {
  const $ = client()
  expect(await $.do(() => ({ none: undefined, not: Number.NaN, list: [-0, Number.POSITIVE_INFINITY] }))).toStrictEqual({
    none: undefined,
    not: Number.NaN,
    list: [-0, Number.POSITIVE_INFINITY],
  })
  expect(await $.do(async ($) => void (await $.Contact.create({ name: 'Ada' })))).toBeUndefined()
})

test('source in a string also runs, and so does a function that a build tool has transformed', async () => {
  const $ = client()
  expect(await $.do('async ($) => $.Contact.count()')).toBe(0)
  const written = 'export const made = async ($) => { const one = () => 1; return one() + (await $.Contact.count()) }'
  const { code } = await transform(written, { keepNames: true })
  const { made }: { made: ($: Client) => Promise<number> } = await import(
    `data:text/javascript,${encodeURIComponent(code)}`
  )
  expect(made.toString()).toContain('__name(() => 1')
  expect(await $.do(made)).toBe(1)
})

describe('failures', () => {
  test('an error of the code is thrown to the caller, with its line and the log before it', async () => {
    const $ = client()
    const lines: string[] = []
    const code = 'async ($) => {\n  console.log("before")\n  throw new Error("no deals")\n}'
    const error = await refusal($.do(code, { onLog: (line) => lines.push(line) }))
    expect(error).toMatchObject({
      code: 'code_failed',
      field: 'code',
      status: 422,
      detail: { line: 3, logs: ['before'] },
    })
    expect(lines).toEqual(['before'])
    await $.do(() => console.log('two', 3), { onLog: (line) => lines.push(line) })
    expect(lines).toEqual(['before', 'two 3'])
  })

  test('an error of the tenant is thrown to the caller unchanged', async () => {
    const $ = client()
    const error = await refusal($.do(async ($) => $.Contact.update('contact_0123456789AB', { name: 'x' })))
    expect(error).toMatchObject({ code: 'not_found', status: 404 })
  })

  test('a function without source, or a value that is not a function, is refused before it is sent', async () => {
    const $ = Headlessly({ tenant: 'acme', fetch: () => Promise.reject(new Error('nothing is to be sent')) })
    const bound = Headlessly.bind(undefined)
    for (const code of [bound, Math.max, 42, null, undefined] as unknown[])
      expect(await refusal($.do(code as () => number))).toMatchObject({ code: 'validation_error', field: 'code' })
    const given = { ada: program.Contact }
    expect(await refusal($.do(() => 1, { given }))).toMatchObject({ code: 'validation_error' })
  })

  test('variables of the surrounding scope are not defined', async () => {
    const least = 3
    const error = await refusal(client().do(async ($) => (await $.Contact.count()) > least))
    expect(error).toMatchObject({ code: 'code_failed', message: expect.stringContaining('least is not defined') })
  })

  test('the function is sent once, and not again if its answer is lost', async () => {
    let sent = 0
    const $ = Headlessly({ tenant: 'acme', fetch: () => (sent++, Promise.reject(new TypeError('lost'))) })
    expect(await refusal($.do(() => 1))).toMatchObject({ code: 'network_error' })
    expect(sent).toBe(1)
  })

  test('aborting ends the wait', async () => {
    const signal = AbortSignal.timeout(100)
    const waiting = client().do(() => new Promise((done) => setTimeout(done, 5_000)), { signal })
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})

test('inside the sandbox, live events, the lake and do are not available', async () => {
  const $ = client()
  expect(await refusal($.do(async ($) => $.lake.flush()))).toMatchObject({ code: 'forbidden' })
  expect(await refusal($.do(async ($) => $.do(() => 1)))).toMatchObject({ code: 'forbidden' })
})

test('inside the sandbox, lists work as outside', async () => {
  const $ = client()
  const names = await $.do(async ($) => {
    const ada = await $.Contact.create({ name: 'Ada', stage: 'Qualified' })
    await $.Deal.create({ name: 'Engine', value: 1, contact: ada.$id })
    return $.Contact.find({ stage: 'Qualified' })
      .map((contact) => contact.deals)
      .map((deal) => deal.name)
  })
  expect(names).toEqual(['Engine'])
})

test('runs with the same idempotency key write once', async () => {
  const $ = client()
  const write = (): Promise<string> =>
    $.do(async ($) => (await $.Contact.create({ name: 'Ada' })).$id, { idempotencyKey: 'again' })
  expect(await write()).toBe(await write())
  expect(await $.Contact.count()).toBe(1)
})

test('a function that fails leaves its writes only if it is not atomic', async () => {
  const $ = client()
  const failing = async ($: Client): Promise<void> => {
    await $.Contact.create({ name: 'Ada' })
    throw new Error('later')
  }
  await refusal($.do(failing))
  expect(await $.Contact.count()).toBe(0)
  await refusal($.do(failing, { atomic: false }))
  expect(await $.Contact.count()).toBe(1)
})

test('a dry run returns the events and the result, or the refusal, and leaves nothing', async () => {
  const $ = client()
  const dry = await $.do(async ($) => (await $.Contact.create({ name: 'Ada' })).name, { dryRun: true })
  expect(dry).toMatchObject({
    events: [{ type: 'Contact.Created', data: { name: 'Ada' } }],
    refusals: [],
    result: 'Ada',
  })
  const refused = await $.do(async ($) => $.Contact.update('contact_0123456789AB', { name: 'x' }), { dryRun: true })
  expect(refused).toMatchObject({ events: [], refusals: [{ status: 404 }], result: null })
  expect(await $.Contact.count()).toBe(0)
})
