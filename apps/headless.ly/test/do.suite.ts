// The contract of a sandbox with the sender of code, as tests. Run by each server that has a sandbox: the processes of the
// embedded server, and Worker Loaders.

import { describe, expect, test } from 'vitest'
import type { Answer, TestServer } from './server.ts'

export type DoServer = Pick<TestServer, 'call' | 'tenant' | 'url'>
export type Run = (
  slug: string,
  code: string | { readonly [name: string]: unknown },
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>

export function testDo({ call, tenant, url }: DoServer): void {
  const run = makeRun({ call })
  testRun({ call, tenant })

  describe('a failing run', () => {
    test('reports an exception with its line', async () => {
      const { status, body } = await run(
        tenant(),
        `async ($) => {\n  await $.Contact.count()\n  throw new RangeError('no deals')\n}`,
      )
      expect(status).toBe(422)
      expect(body).toMatchObject({
        code: 'code_failed',
        field: 'code',
        line: 3,
        detail: 'the code threw RangeError: no deals, at line 3',
      })
    })

    test('keeps the code and field of a refusal by the tenant, and its earlier writes stay only if it is not atomic', async () => {
      const acme = tenant()
      const code = `async ($) => { await $.Contact.create({ name: 'Ada' }); await $.Contact.create({ name: 'Bea', emial: 'x' }) }`
      for (const [atomic, count] of [
        [true, 0],
        [false, 1],
      ]) {
        const { status, body } = await run(acme, { code, atomic })
        expect(status).toBe(422)
        expect(body).toMatchObject({ code: 'validation_error', field: 'emial', errors: [{ field: 'emial' }] })
        expect((await run(acme, '($) => $.Contact.count()')).body['result']).toBe(count)
      }
      const caught = await run(
        acme,
        `($) => $.Contact.update('contact_0123456789AB', { name: 'x' }).catch(({ code }) => code)`,
      )
      expect(caught.body['result']).toBe('not_found')
    })

    test.each([
      ['async ($) => {\n  const a = ;\n}', /does not load: SyntaxError: .*, at line 2$/],
      ['($) => 1) + (2', /expected one function, got/],
      ['() => new Promise(() => {})', /waits for a promise that never resolves/],
      ['() => process.exit(1)', /was ended/],
      ['() => { throw null }', /the code threw null/],
      [
        '() => least',
        /least is not defined, at line 1; it has only its client and what it is given, and no outer variables$/,
      ],
      ['() => 1n', /contains a function, a symbol or a bigint/],
      ['() => eval("1")', /Code generation from strings disallowed/],
    ])('%j is refused', async (code, detail) => {
      const { status, body } = await run(tenant(), code)
      expect(status).toBe(422)
      expect(body).toMatchObject({ code: 'code_failed', detail: expect.stringMatching(detail) })
    })

    test.each([
      [{ code: '42' }, 'code'],
      [{}, 'code'],
      [{ code: '() => 1', atomic: 'yes' }, 'atomic'],
      [{ code: '() => 1', atomic: false, dryRun: true }, 'dryRun'],
      ['[]', 'body'],
      ['{', 'body'],
    ])('%j is refused with the name of the wrong field', async (body, field) => {
      const answer = await call('POST', `/~${tenant()}/do`, body)
      expect(answer.status).toBe(400)
      expect(answer.body).toMatchObject({ field })
    })

    test('accepts only POST, JSON and pages of this machine', async () => {
      const path = `/~${tenant()}/do`
      expect(await call('GET', path)).toMatchObject({ status: 405 })
      const text = await call('POST', path, '{"code":"() => 1"}', { 'content-type': 'text/plain' })
      expect(text.status).toBe(415)
      const foreign = await call('POST', path, { code: '() => 1' }, { origin: 'https://elsewhere.example' })
      expect(foreign.status).toBe(403)
    })

    test('refuses a result of more than 1 MiB', async () => {
      expect((await run(tenant(), '() => "x".repeat(2 ** 20 - 100)')).status).toBe(200)
      const { status, body } = await run(tenant(), '() => "x".repeat(2 ** 20)')
      expect(status).toBe(413)
      expect(body).toMatchObject({ code: 'payload_too_large', field: 'result' })
      expect((await run(tenant(), '() => "é".repeat(2 ** 19)')).status).toBe(413)
    })

    test('can make at most 1,000 calls', async () => {
      const acme = tenant()
      const hundred = 'await Promise.all(Array.from({ length: 100 }, () => $.Contact.count()))'
      const code = `async ($) => { for (let at = 0; at < 10; at++) ${hundred}; return 'all' }`
      expect((await run(acme, { code, atomic: false })).body['result']).toBe('all')
      const more = code.replace("return 'all'", 'await $.Contact.count()')
      expect((await run(acme, { code: more, atomic: false })).body).toMatchObject({
        code: 'code_failed',
        detail: expect.stringContaining('1000'),
      })
    })
  })

  describe('isolation: a run', () => {
    test('reaches no network', async () => {
      const { port } = new URL(url())
      for (const code of [
        `() => fetch('http://127.0.0.1:${port}/health').then(({ status }) => status)`,
        `() => import('cloudflare:sockets').then(({ connect }) => connect('127.0.0.1:${port}').opened)`,
        `() => new Promise((done, fail) => import('node:net').then(({ connect }) => connect(${port}, '127.0.0.1', done).on('error', fail)))`,
        `() => { new WebSocket('ws://127.0.0.1:${port}/~acme/events'); return new Promise((done) => setTimeout(done, 100)) }`,
      ])
        expect(await run(tenant(), code)).toMatchObject({ status: 422, body: { code: 'code_failed' } })
    })

    test('finds no bindings, no server variables, and no files but its own', async () => {
      const { body } = await run(
        tenant(),
        `async () => {
          const { readdirSync } = await import('node:fs')
          const { env } = await import('cloudflare:workers')
          return { env: Object.keys(env), process: Object.keys(process.env), files: readdirSync('/bundle').toSorted() }
        }`,
      )
      expect(body['result']).toEqual({ env: [], process: [], files: ['code.js', 'main.js'] })
    })

    test('sees its own tenant only', async () => {
      const [acme, beta] = [tenant(), tenant()]
      const made = await call('POST', `/~${beta}/Contact`, { name: 'Bea' })
      const { body } = await run(
        acme,
        `async ($) => [$.tenant, await $.Contact.count(), await $.Contact.get(${JSON.stringify(made.body['$id'])})]`,
      )
      expect(body['result']).toEqual([acme, 0, null])
    })

    test('shares nothing with another run of the same code, concurrent or later', async () => {
      const acme = tenant()
      const code = `async ($) => {
        globalThis.seen = [...(globalThis.seen ?? []), $.tenant]
        Array.prototype.mine = (Array.prototype.mine ?? 0) + 1
        await new Promise((done) => setTimeout(done, 200))
        return [globalThis.seen, [].mine]
      }`
      const answers = [...(await Promise.all([run(acme, code), run(acme, code)])), await run(acme, code)]
      expect(answers.map(({ body }) => body['result'])).toEqual([1, 2, 3].map(() => [[acme], 1]))
    })

    test('that damages its surroundings damages its own answer only', async () => {
      for (const breaking of [
        'JSON.stringify = () => "{"',
        'Array.prototype.join = () => "{"',
        'Array.prototype.join = () => "null,\\"logs\\":1"',
        'Promise.prototype.then = () => {}',
        'globalThis.setTimeout = () => {}',
      ]) {
        const answer = await run(tenant(), `async () => { ${breaking}; return [1, 2] }`)
        expect([200, 422]).toContain(answer.status)
      }
      expect((await run(tenant(), '() => [1, 2]')).body).toEqual({ result: [1, 2], logs: [] })
    })
  })

  test('with an idempotency key the same code writes once, other code is a mismatch, and without one it writes again', async () => {
    const acme = tenant()
    const code = `async ($) => {
      const ada = await $.Contact.create({ name: 'Ada' })
      await $.Contact.createMany([{ name: 'Bea' }, { name: 'Cy' }])
      return (await $.Contact.qualify(ada.$id)).$id
    }`
    const key = { 'idempotency-key': 'k'.repeat(255) }
    const [first, second] = [await run(acme, code, key), await run(acme, code, key)]
    expect(second.body).toEqual(first.body)
    const count = async (): Promise<unknown> => (await run(acme, '($) => $.Contact.count()')).body['result']
    expect(await count()).toBe(3)
    expect((await run(acme, `($) => $.Contact.create({ name: 'Di' })`, key)).body).toMatchObject({
      code: 'idempotency_mismatch',
    })
    await run(acme, code)
    expect(await count()).toBe(6)
  })

  test('a key that the code sets on a write works across runs that are not atomic, and is refused in others', async () => {
    const acme = tenant()
    const code = `($) => $.Contact.create({ name: 'Ada' }, { idempotencyKey: 'mine' })`
    const each = { code, atomic: false }
    const [one, two] = [
      await run(acme, each, { 'idempotency-key': 'a' }),
      await run(acme, each, { 'idempotency-key': 'b' }),
    ]
    expect((await run(acme, code)).body).toMatchObject({ code: 'invalid_parameter', field: 'idempotencyKey' })
    expect(one.body['result']).toMatchObject({ name: 'Ada' })
    expect(two.body).toEqual(one.body)
  })
}

function bookmarkOf({ headers }: Answer): Readonly<Record<string, string>> {
  return { 'x-headlessly-bookmark': headers.get('x-headlessly-bookmark') ?? '' }
}

/** The part of the contract that says how code runs and which results it has. */
export function testRun({ call, tenant }: Pick<DoServer, 'call' | 'tenant'>): void {
  const run = makeRun({ call })

  describe('a run', () => {
    test('creates and links entities, performs verbs, and reads what it has written', async () => {
      const acme = tenant()
      const answer = await run(
        acme,
        `async ($) => {
          const organization = await $.Organization.create({ name: 'Analytical Engines' })
          const ada = await $.crm.Contact.create({ name: 'Ada', organization: organization.$id })
          const qualified = await $.Contact.qualify(ada.$id)
          const found = await $.Organization.get(organization.$id, { include: ['contacts'] })
          return { stage: qualified.stage, version: qualified.$version, names: found.contacts.map(({ name }) => name) }
        }`,
      )
      expect(answer.status).toBe(200)
      expect(answer.body).toEqual({ result: { stage: 'Qualified', version: 2, names: ['Ada'] }, logs: [] })
      const { body } = await call('GET', `/~${acme}/events`, undefined, bookmarkOf(answer))
      expect(body['results']).toMatchObject([
        { type: 'Organization.Created', actor: 'owner' },
        { type: 'Contact.Created' },
        { type: 'Contact.Qualified' },
      ])
    })

    test('sees what its caller has seen, and its writes are then visible to the caller', async () => {
      const acme = tenant()
      const created = await call('POST', `/~${acme}/Contact`, { name: 'Ada' })
      const answer = await run(
        acme,
        '($) => $.Contact.create({ name: "Bea" }).then(() => $.Contact.count())',
        bookmarkOf(created),
      )
      expect(answer.body['result']).toBe(2)
      const listed = await call('GET', `/~${acme}/Contact/count`, undefined, bookmarkOf(answer))
      expect(listed.body).toEqual({ count: 2 })
    })

    test('iterates over more than a page, and lists events', async () => {
      const answer = await run(
        tenant(),
        `async ($) => {
          await $.Contact.createMany(Array.from({ length: 130 }, (_, at) => ({ name: 'n' + at })))
          let seen = 0
          for await (const contact of $.Contact.find({ name: { $regex: '^n' } })) seen += contact.name.length > 1 ? 1 : 0
          return [seen, (await $.events.list({ limit: 5 })).length]
        }`,
      )
      // A page of events never splits a commit.
      expect(answer.body).toEqual({ result: [130, 130], logs: [] })
    })

    test('gets a second argument, and can return values that JSON cannot express', async () => {
      const code = '(_, { least }) => ({ least, none: undefined, not: NaN, at: new Date(0) })'
      const { body } = await run(tenant(), { code, given: { least: 3 } })
      expect(body['result']).toEqual({ least: 3, none: null, not: null, at: '1970-01-01T00:00:00.000Z' })
      expect(body['exceptions']).toEqual([
        { path: ['none'], value: 'undefined' },
        { path: ['not'], value: 'NaN' },
      ])
    })

    test('ends after writes that it started without awaiting them', async () => {
      const acme = tenant()
      await run(acme, `($) => { for (const name of ['a', 'b', 'c']) void $.Contact.create({ name }) }`)
      expect((await run(acme, '($) => $.Contact.count()')).body['result']).toBe(3)
    })

    test('returns its console output, within limits, also with a failure', async () => {
      const { body } = await run(
        tenant(),
        `() => { console.log('one', { two: 2 }, new TypeError('three')); console.error('four') }`,
      )
      expect(body['logs']).toEqual(['one {"two":2} TypeError: three', 'four'])
      const many = await run(tenant(), `() => { for (let at = 0; at < 150; at++) console.log(at + 'x'.repeat(5000)) }`)
      const logs = many.body['logs'] as readonly string[]
      expect(logs).toHaveLength(100)
      expect(logs[98]).toHaveLength(1_000)
      expect(logs[99]).toBe('… and 51 more lines')
      const failed = await run(tenant(), `() => { console.log('before'); throw new Error('after') }`)
      expect(failed.body).toMatchObject({ code: 'code_failed', logs: ['before'] })
    })
  })
}

export function makeRun({ call }: Pick<DoServer, 'call'>): Run {
  return (slug, code, headers = {}) => call('POST', `/~${slug}/do`, typeof code === 'string' ? { code } : code, headers)
}
