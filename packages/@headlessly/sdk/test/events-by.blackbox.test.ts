// Methods such as `qualifiedBy`: their names come from the Nouns, and their lists from the shipped server.

import { Headlessly, HeadlesslyError, type Listing } from '@headlessly/sdk'
import { nouns } from 'digital-objects'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'
import { makeEventsBy } from '../src/events/events-by.ts'
import type { EventsBy } from '../src/events/events-by-types.ts'
import type { EventOf } from '../src/types/noun-of.ts'

const { url, tenant } = useSharedServer()

const unread = (): never => {
  throw new Error('nothing is read here')
}

describe('a method for each verb', () => {
  test.each(Object.values(nouns))('of $$name has a unique name', ({ $schema: schema }) => {
    const names = Object.keys(makeEventsBy(schema, unread))
    const events = Object.values(schema.verbs).map(({ event }) => event)
    expect(names).toEqual(events.map((event) => `${event.charAt(0).toLowerCase()}${event.slice(1)}By`))
    expect(new Set(names).size).toBe(events.length)
    const methods = [
      'get',
      'find',
      'findOne',
      'count',
      'history',
      'diff',
      'rollback',
      'createMany',
      'updateMany',
      'deleteMany',
    ]
    expect(names.filter((name) => [...methods, ...Object.keys(schema.verbs)].includes(name))).toEqual([])
    // An activity has a field `createdBy`, which does not conflict: the method belongs to the type, the field to the entity.
    const fields = schema.name === 'Activity' ? ['createdBy'] : []
    expect(names.filter((name) => Object.hasOwn(schema.fields, name))).toEqual(fields)
    for (const verb of schema.disabled) expect(names).not.toContain(`${verb}dBy`)
  })

  test('has the same name at compile time, with the type of the events that it lists', () => {
    type Contact = EventsBy<'Contact'>
    expectTypeOf<keyof Contact>().toEqualTypeOf<
      'createdBy' | 'updatedBy' | 'deletedBy' | 'qualifiedBy' | 'capturedBy' | 'assignedBy' | 'mergedBy' | 'enrichedBy'
    >()
    expectTypeOf<keyof EventsBy<'Event'>>().toEqualTypeOf<'createdBy'>()
    expectTypeOf<ReturnType<Contact['qualifiedBy']>>().toEqualTypeOf<
      Listing<Omit<EventOf<'Contact'>, 'type'> & { readonly type: 'Contact.Qualified' }>
    >()
    // @ts-expect-error the actor is required
    expectTypeOf<Contact['qualifiedBy']>().toBeCallableWith()
  })
})

test('lists the events of an actor and a verb, oldest first, in pages', async () => {
  const $ = Headlessly({ tenant: tenant(), endpoint: url() })
  const { Contact } = $
  const made = await Promise.all(Array.from({ length: 120 }, (_, at) => Contact.create({ name: `${at}` })))
  const ids = made.map(({ $id }) => $id)
  const idAt = (...places: readonly number[]): unknown[] => places.map((at) => ids[at])
  for (const at of [3, 1, 2]) await Contact.qualify(ids[at] ?? '')
  await Contact.update(ids[0] ?? '', { title: 'Countess' })
  await Contact.delete(ids[0] ?? '')
  const targets = async (list: Listing<{ readonly target: string }>): Promise<unknown[]> =>
    (await list).map(({ target }) => target)
  expect(await targets(Contact.qualifiedBy('owner'))).toEqual(idAt(3, 1, 2))
  expect(await targets(Contact.qualifiedBy('owner', { limit: 2 }))).toEqual(idAt(3, 1))
  expect(await targets(Contact.qualifiedBy('owner', { after: 121 }))).toEqual(idAt(1, 2))
  expect(await targets(Contact.qualifiedBy('user_0123456789AB'))).toEqual([])
  expect((await Contact.updatedBy('owner')).map(({ data }) => data.title)).toEqual(['Countess'])
  expect(await targets(Contact.deletedBy('owner'))).toEqual(idAt(0))
  const created: string[] = []
  for await (const { target } of Contact.createdBy('owner')) created.push(target)
  expect(new Set(created)).toEqual(new Set(ids))
  expect(created).toHaveLength(120)
})

test('an empty actor is refused when the rows are requested', async () => {
  const { Contact } = Headlessly({ tenant: tenant(), endpoint: url() })
  for (const nobody of ['', undefined, null]) {
    const list = Contact.qualifiedBy(nobody as string)
    await expect(list).rejects.toThrow(HeadlesslyError)
    await expect(list).rejects.toMatchObject({ code: 'invalid_parameter', field: 'actor' })
  }
})
