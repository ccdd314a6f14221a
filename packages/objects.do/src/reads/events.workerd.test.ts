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
})
