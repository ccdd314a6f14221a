// The client inside workerd, as a Worker uses it, against the Worker that serves requests and the tenant's object.

import { createExecutionContext, env } from 'cloudflare:test'
import { type Client, Headlessly } from '@headlessly/sdk'
import { expect, test } from 'vitest'
import { makeApp } from '../../../../apps/headless.ly/src/app.ts'

const app = makeApp([])
let tenants = 0

function client(): Client {
  return Headlessly({
    tenant: `sdk-${++tenants}`,
    endpoint: 'http://localhost:8787',
    fetch: async (url, init) =>
      app.fetch(new Request(url, init), { TENANTS: env.TENANTS, REGISTRY: env.REGISTRY }, createExecutionContext()),
  })
}

test('entities, lists and errors are the same as on other platforms', async () => {
  const $ = client()
  const ada = await $.Contact.capture({ name: 'Ada' })
  expect(await $.Contact.qualify(ada.$id, { leadScore: 3 })).toMatchObject({ stage: 'Qualified', $version: 2 })
  expect(await $.Contact.find({ leadScore: { $gt: 2 } })).toMatchObject({ length: 1, total: 1 })
  await expect($.Contact.update(ada.$id, { email: 'none' })).rejects.toMatchObject({ code: 'validation_error' })
  await $.Contact.delete(ada.$id, { ifVersion: 2 })
  expect(await $.Contact.get(ada.$id)).toBeNull()
})

test('events are received', async () => {
  const $ = client()
  const heard: string[] = []
  const done = new Promise<void>((resolve) => {
    const stop = $.events.subscribe('Contact.*', ({ type }) => {
      heard.push(type)
      if (heard.length < 3) return
      stop()
      resolve()
    })
  })
  const { $id } = await $.Contact.create({ name: 'Ada' })
  await $.Contact.qualify($id)
  await $.Contact.delete($id)
  await done
  expect(heard).toEqual(['Contact.Created', 'Contact.Qualified', 'Contact.Deleted'])
})
