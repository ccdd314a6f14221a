// Filters of the log: by type, entity and actor, alone and combined.

import { env } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { fullAuthority, type Parameters } from 'digital-objects'
import { askRead, askWrite } from '../../test/ask-tenant.ts'

const callerParts = { tenant: 'log', context: 'http://localhost/~log', via: 'rest' } as const

interface LoggedEvent {
  readonly seq: number
  readonly type: string
  readonly target: string
  readonly actor: string
}

interface Page {
  readonly results: readonly LoggedEvent[]
  readonly hasMore: boolean
  readonly cursor: string | null
}

function newTenant() {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const read = (parameters: Parameters) =>
    askRead(stub, { ...callerParts, authority: fullAuthority('anonymous') }, { read: 'events', parameters })
  return {
    commitContacts: (changes: readonly { readonly id?: string; readonly name: string }[]) =>
      stub.commitContacts(changes),
    history: async (id: string, parameters: Parameters): Promise<Page> => {
      const caller = { ...callerParts, authority: fullAuthority('anonymous') }
      const answer = await askRead(stub, caller, { read: 'history', noun: 'Contact', id, parameters })
      if (!answer.ok) throw new Error(answer.error.message)
      return JSON.parse(answer.body) as Page
    },
    write: async (actor: string, call: { noun: string; verb: string; id?: string; body?: string }): Promise<string> => {
      const answer = await askWrite(stub, { ...callerParts, authority: fullAuthority(actor) }, call)
      if (!answer.ok) throw new Error(answer.error.message)
      return answer.createdId ?? ''
    },
    page: async (parameters: Parameters): Promise<Page> => {
      const answer = await read(parameters)
      if (!answer.ok) throw new Error(answer.error.message)
      return JSON.parse(answer.body) as Page
    },
    refusal: async (parameters: Parameters) => {
      const answer = await read(parameters)
      return answer.ok ? undefined : answer.error
    },
  }
}

describe('a list of events', () => {
  test('is filtered by type, entity and actor, alone and combined', async () => {
    const { write, page } = newTenant()
    const ids: string[] = []
    for (let at = 0; at < 9; at++) {
      const id = await write(`user_${at % 3}`, { noun: 'Contact', verb: 'create', body: `{"name":"${at}"}` })
      ids.push(id)
      await write(`user_${(at + 1) % 3}`, { noun: 'Contact', verb: 'qualify', id })
      await write('user_0', { noun: 'Contact', verb: 'update', id, body: `{"title":"${at}"}` })
    }
    const all = (await page({ limit: '1000' })).results
    expect(all).toHaveLength(27)
    for (const type of [undefined, 'Contact.Qualified', '*.Created', '*'])
      for (const entity of [undefined, ids[0], ids[4]])
        for (const actor of [undefined, 'user_0', 'user_1', 'user_9'])
          for (const limit of ['1', '4', '100']) {
            const expected = all.filter(
              (event) =>
                (type === undefined ||
                  type === '*' ||
                  type
                    .split('.')
                    .every((part) => part === '*' || event.type.endsWith(part) || event.type.startsWith(`${part}.`))) &&
                (entity === undefined || event.target === entity) &&
                (actor === undefined || event.actor === actor),
            )
            const given = { type, entity, actor, limit }
            const parameters = Object.fromEntries(
              Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
            )
            const found: LoggedEvent[] = []
            for (let cursor: string | null = '0', pages = 0; cursor !== null; pages++) {
              expect(pages).toBeLessThan(60)
              const { results, hasMore, cursor: next }: Page = await page({ ...parameters, after: cursor })
              expect(hasMore).toBe(next !== null)
              found.push(...results)
              cursor = next
            }
            expect(found, JSON.stringify(parameters)).toEqual(expected)
          }
  })

  test('is refused for an actor that is empty or too long, and the error names the parameter', async () => {
    const { write, refusal } = newTenant()
    await write('user_1', { noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' })
    for (const actor of ['', 'x'.repeat(257)])
      expect(await refusal({ actor })).toMatchObject({ code: 'invalid_parameter', field: 'actor' })
    expect(await refusal({ entity: 'nothing_1', actor: 'user_1' })).toMatchObject({ field: 'entity' })
    expect(await refusal({ actor: 'x'.repeat(256) })).toBeUndefined()
  })

  test('of one entity does not end inside a commit, and its history ends anywhere; cursors miss nothing', async () => {
    const { commitContacts, history, page } = newTenant()
    const [id = '', other = ''] = await commitContacts([{ name: 'a' }, { name: 'b' }])
    const names = (of: string): { id: string; name: string }[] =>
      ['a', 'b', 'c'].flatMap((end) => [
        { id, name: of + end },
        { id: other, name: of + end },
      ])
    for (const of of ['1', '2', '3', '4']) await commitContacts(names(of))
    await commitContacts([{ id, name: 'last' }])
    const ends = [2, 8, 14, 20, 26, 27]
    const own = [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27]
    for (const limit of ['1', '2', '3', '100']) {
      const found: number[] = []
      for (let after: string | null = '0'; after !== null;) {
        const { results, cursor }: Page = await page({ entity: id, limit, after })
        if (cursor !== null) expect(ends).toContain(Number(cursor))
        found.push(...results.map(({ seq }) => seq))
        after = cursor
      }
      expect(found).toEqual(own)
      const past: number[] = []
      for (let after: string | null = '0'; after !== null;) {
        const { results, cursor }: Page = await history(id, { limit, after })
        expect(results.length).toBeLessThanOrEqual(Number(limit))
        past.push(...results.map(({ seq }) => seq))
        after = cursor
      }
      expect(past).toEqual(own)
    }
    // A client that has stored a `seq` inside a commit gets the rest of it.
    expect((await page({ after: '4', limit: '1' })).results.map(({ seq }) => seq)).toEqual([5, 6, 7, 8])
    expect((await page({ after: '5', entity: id, limit: '1' })).results.map(({ seq }) => seq)).toEqual([7])
    expect(await page({ after: '26', limit: '1' })).toMatchObject({ hasMore: false, cursor: null })
  })
})
