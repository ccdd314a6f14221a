// The part of the contract with the sender of code that says that all writes of a run are one commit, or none.

import { describe, expect, test } from 'vitest'
import { type DoServer, makeRun } from './do.suite.ts'

export function testAtomicRun({ call, tenant }: Pick<DoServer, 'call' | 'tenant'>): void {
  const run = makeRun({ call })
  const eventsOf = async (slug: string): Promise<readonly { readonly type: string; readonly commit: number }[]> =>
    (await call('GET', `/~${slug}/events?limit=1000`)).body['results'] as { type: string; commit: number }[]

  describe('an atomic run', () => {
    test('makes one commit, whose number all its events have', async () => {
      const acme = tenant()
      await call('POST', `/~${acme}/Contact`, { name: 'Ada' })
      const answer = await run(
        acme,
        `async ($) => {
          const { $id } = await $.Organization.create({ name: 'Engines' })
          for (const { $id: contact } of await $.Contact.find({})) await $.Contact.update(contact, { organization: $id })
          return (await $.Contact.find({ organization: $id })).length
        }`,
      )
      expect(answer.body).toEqual({ result: 1, logs: [] })
      expect(answer.headers.get('x-headlessly-commit')).toBe('2')
      const made = await eventsOf(acme)
      expect(made.map(({ type, commit }) => [type, commit])).toEqual([
        ['Contact.Created', 1],
        ['Organization.Created', 2],
        ['Contact.Updated', 2],
      ])
    })

    test('that throws leaves nothing, and its tenant does not begin', async () => {
      const [acme, absent] = [tenant(), tenant()]
      await call('POST', `/~${acme}/Contact`, { name: 'Ada' })
      const code = `async ($) => { await $.Deal.create({ name: 'd', value: 1 }); await $.Deal.count(); throw new Error('no') }`
      expect((await run(acme, code)).status).toBe(422)
      expect(await eventsOf(acme)).toHaveLength(1)
      expect((await run(absent, code)).status).toBe(422)
      expect((await call('GET', `/~${absent}/status`)).body).toMatchObject({ events: 0 })
    })

    test('loses no update, however many contend', async () => {
      const acme = tenant()
      const { body } = await call('POST', `/~${acme}/Contact`, { name: 'counter', leadScore: 0 })
      const code = `async ($, id) => {
        const { leadScore } = await $.Contact.get(id)
        await $.Contact.update(id, { leadScore: leadScore + 1 })
        return leadScore + 1
      }`
      const runs = Array.from({ length: 8 }, () => run(acme, { code, given: body['$id'] }))
      const answers = await Promise.all(runs)
      const results = answers.map((answer) => answer.body['result'])
      expect(new Set(results)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]))
      // Runs with which others were in conflict ran again.
      const attempts = answers.map(({ headers }) => Number(headers.get('x-headlessly-attempts')))
      expect(Math.min(...attempts)).toBe(1)
      expect(Math.max(...attempts)).toBeGreaterThan(1)
      expect((await call('GET', `/~${acme}/Contact/${String(body['$id'])}?strong=true`)).body).toMatchObject({
        leadScore: 8,
      })
    })

    test('prevents write skew: of two that may each take the last place, one does', async () => {
      const acme = tenant()
      const code = `async ($, name) => {
        if ((await $.Contact.count({ stage: 'Lead' })) > 0) return 'full'
        await $.Contact.create({ name, stage: 'Lead' })
        return 'taken'
      }`
      await call('POST', `/~${acme}/Deal`, { name: 'd', value: 1 })
      const answers = await Promise.all(['a', 'b', 'c'].map((given) => run(acme, { code, given })))
      const results = answers.map(({ body }) => String(body['result']))
      expect(results.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['full', 'full', 'taken'])
    })

    test('that others are always in conflict with fails after some attempts, and names what they changed', async () => {
      const acme = tenant()
      const { body } = await call('POST', `/~${acme}/Contact`, { name: 'a' })
      const id = String(body['$id'])
      let hasEnded = false
      const attempt = run(acme, {
        code: `async ($, id) => {
          await $.Contact.get(id)
          await new Promise((done) => setTimeout(done, 200))
          await $.Deal.create({ name: 'd', value: 1 })
        }`,
        given: id,
      }).finally(() => (hasEnded = true))
      for (let at = 0; !hasEnded; at++) {
        await call('PATCH', `/~${acme}/Contact/${id}`, { title: `t${at}` })
        await new Promise((done) => setTimeout(done, 20))
      }
      const answer = await attempt
      expect(answer.status).toBe(409)
      expect(answer.body).toMatchObject({
        code: 'read_conflict',
        entityType: 'Contact',
        id,
        commit: expect.any(Number) as number,
        detail: expect.stringContaining(`Contact '${id}' at version`) as string,
      })
      expect((await eventsOf(acme)).filter(({ type }) => type.startsWith('Deal'))).toEqual([])
    })

    test('that is tried shows its events, or its refusal, and leaves nothing', async () => {
      const acme = tenant()
      await call('POST', `/~${acme}/Deal`, { name: 'd', value: 1 })
      const code = `async ($, stage) => (await $.Contact.create({ name: 'Ada', stage })).name`
      const tried = await run(acme, { code, given: 'Lead', dryRun: true })
      expect(tried).toMatchObject({
        status: 200,
        body: { dryRun: true, events: [{ type: 'Contact.Created', commit: 2 }], refusals: [], result: 'Ada', logs: [] },
      })
      const refused = await run(acme, { code, given: 'nonsense', dryRun: true })
      expect(refused).toMatchObject({
        status: 200,
        body: { dryRun: true, refusals: [{ status: 422, problem: { field: 'stage' } }], result: null, plan: null },
      })
      expect(await eventsOf(acme)).toHaveLength(1)
    })

    test('that was tried is made by its plan, which does not run the code again', async () => {
      const acme = tenant()
      await call('POST', `/~${acme}/Deal`, { name: 'd', value: 1 })
      const code = `async ($) => {
        const { $id, leadScore } = await $.Contact.create({ name: 'Ada', leadScore: Math.floor(Math.random() * 1e9) })
        return { $id, leadScore }
      }`
      const tried = (await run(acme, { code, dryRun: true })).body
      const plan = `/~${acme}/commits/plan/${String(tried['plan'])}`
      const made = await call('POST', plan)
      expect(made).toMatchObject({ status: 200, body: { result: tried['result'] } })
      const { $id, ...fields } = tried['result'] as { readonly $id: string }
      expect((await call('GET', `/~${acme}/Contact/${$id}?strong=true`)).body).toMatchObject(fields)
      const count = `async ($) => $.Deal.create({ name: 'e', value: await $.Contact.count() })`
      const outdated = (await run(acme, { code: count, dryRun: true })).body
      await call('POST', `/~${acme}/Contact`, { name: 'Bea' })
      expect(await call('POST', `/~${acme}/commits/plan/${String(outdated['plan'])}`)).toMatchObject({
        status: 409,
        body: { code: 'plan_outdated', entityType: 'Contact', read: 'the count of Contact' },
      })
      expect(await eventsOf(acme)).toHaveLength(3)
    })

    test("sees one time, by its tenant's clock", async () => {
      const [acme, test] = [tenant(), tenant()]
      const code = `async ($) => {
        const times = [Date.now(), new Date().getTime(), Date.parse(Date())]
        await new Promise((done) => setTimeout(done, 30))
        await $.Contact.count()
        return [...times, Date.now(), new Date(0).toISOString(), new Date() instanceof Date]
      }`
      const { result } = (await run(acme, code)).body as { result: readonly [number, number, number, ...unknown[]] }
      const [now] = result
      expect(result).toEqual([now, now, Math.floor(now / 1_000) * 1_000, now, '1970-01-01T00:00:00.000Z', true])
      await call('POST', `/~${test}/clock`, { now: '2020-02-29T00:00:00Z' })
      expect((await run(test, `() => new Date()`)).body['result']).toMatch(/^2020-02-29T00:00:00/)
    })

    test('completes what the same request has begun with a commit for each write', async () => {
      const acme = tenant()
      const code = `async ($) => { await $.Contact.create({ name: 'Ada' }); return $.Contact.count() }`
      const key = { 'idempotency-key': 'before' }
      await run(acme, { code, atomic: false }, key)
      expect((await run(acme, code, key)).body['result']).toBe(1)
      expect(await eventsOf(acme)).toHaveLength(1)
    })

    test('is made once for its key: a repetition has the answer of the first run', async () => {
      const acme = tenant()
      const code = `async ($) => { await $.Contact.create({ name: 'Ada' }); console.log('ran'); return Math.random() }`
      const key = { 'idempotency-key': 'once' }
      const [first, second] = [await run(acme, code, key), await run(acme, code, key)]
      expect(second).toMatchObject({ status: 200, body: first.body })
      expect([first, second].map(({ headers }) => headers.get('x-headlessly-commit'))).toEqual(['1', '1'])
      expect(first.body['logs']).toEqual(['ran'])
      expect(await eventsOf(acme)).toHaveLength(1)
      const each = { code, atomic: false }
      expect((await run(acme, each, key)).body).toMatchObject({ code: 'idempotency_mismatch' })
      expect(second.headers.get('x-headlessly-bookmark')).toMatch(/\.1$/)
    })
  })
}
