// `$`, the entities that packages export by name, and their configuration.

import * as analytics from '@headlessly/analytics'
import * as billing from '@headlessly/billing'
import * as content from '@headlessly/content'
import * as crm from '@headlessly/crm'
import * as experiments from '@headlessly/experiments'
import * as marketing from '@headlessly/marketing'
import * as platform from '@headlessly/platform'
import * as projects from '@headlessly/projects'
import * as sdk from '@headlessly/sdk'
import * as support from '@headlessly/support'
import { nouns, nounsOfDomain, serviceNouns } from 'digital-objects'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'

const { $, Headlessly } = sdk
const { url, tenant } = useSharedServer()
const names = ['HEADLESSLY_TENANT', 'HEADLESSLY_API_KEY', 'HEADLESSLY_ENDPOINT'] as const
const saved = names.map((name) => [name, process.env[name]] as const)
beforeEach(() => {
  for (const name of names) delete process.env[name]
})
afterAll(() => {
  for (const [name, value] of saved) if (value !== undefined) process.env[name] = value
})

test('without a tenant, the first use throws an error with instructions, and importing throws nothing', async () => {
  await expect($.Contact.create({ name: 'Ada' })).rejects.toMatchObject({
    code: 'invalid_settings',
    field: 'tenant',
    message: expect.stringContaining('set HEADLESSLY_TENANT'),
  })
  await expect(crm.Contact.find()).rejects.toThrow('HEADLESSLY_TENANT')
  expect(() => $.tenant).toThrow('HEADLESSLY_TENANT')
  expect(() => $.events.subscribe('*', () => {})).toThrow('HEADLESSLY_TENANT')
})

test('the environment configures the client once, at its first use', async () => {
  const name = tenant()
  process.env['HEADLESSLY_TENANT'] = name
  process.env['HEADLESSLY_ENDPOINT'] = `${url()}/`
  const ada = await crm.Contact.create({ name: 'Ada' })
  expect([$.tenant, $.context]).toEqual([name, `${url()}/~${name}`])
  expect(await $.Contact.get(ada.$id)).toEqual(ada)
  process.env['HEADLESSLY_TENANT'] = tenant()
  expect($.tenant).toBe(name)
})

test('the packages export exactly the entities of $', () => {
  const packages = { analytics, billing, content, crm, experiments, marketing, platform, projects, support }
  for (const [domain, exported] of Object.entries(packages)) {
    const { [domain as 'crm']: namespace, ...entities } = exported as unknown as typeof crm
    expect(namespace).toBe($[domain as 'crm'])
    expect(Object.keys(entities).toSorted()).toEqual(nounsOfDomain(domain)?.toSorted())
    for (const [name, entity] of Object.entries(entities)) {
      expect(entity).toBe($[name as 'Contact'])
      expect(namespace[name as 'Contact']).toBe(entity)
    }
  }
  const exported = new Map<string, unknown>(Object.entries(sdk))
  for (const name of Object.keys({ ...nouns, ...serviceNouns })) expect(exported.get(name)).toBe($[name as 'Contact'])
})

test('each entity has reads, the writes that its Noun allows, its verbs, and their forms', () => {
  const made = Headlessly({ tenant: 'acme' })
  for (const noun of Object.values(nouns)) {
    const { verbs, disabled } = noun.$schema
    const many = [
      ...(disabled.includes('create') ? [] : ['createMany']),
      ...(disabled.includes('update') ? [] : ['updateMany', 'rollback']),
      ...(disabled.includes('delete') ? [] : ['deleteMany']),
    ]
    const expected = [
      '$definition',
      '$name',
      '$schema',
      'get',
      'find',
      'findOne',
      'count',
      'aggregate',
      'history',
      'diff',
      'live',
      'liveChanges',
      ...Object.keys(verbs),
      // A verb whose past form is the verb itself has one method for both.
      ...Object.values(verbs).flatMap(({ by, gerund, past }) => [by, gerund, past]),
      ...many,
    ]
    const names = [...new Set(expected)].toSorted()
    for (const client of [$, made]) expect(Object.keys(client[noun.$name]).toSorted()).toEqual(names)
  }
})

test('a client is not a promise, prints no secret, and cannot be changed', async () => {
  const client = Headlessly({ tenant: 'acme', apiKey: 'hly_sk_very-secret' })
  expect(await Promise.resolve(client)).toBe(client)
  expect('then' in client).toBe(false)
  const { inspect } = await import('node:util')
  expect(inspect(client, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(client)).not.toContain(
    'secret',
  )
  expect(Object.isFrozen(client) && Object.isFrozen(client.crm) && Object.isFrozen(client.Contact)).toBe(true)
})

test('wrong settings are refused, and the error names the setting but not the key', () => {
  const refused = (options: object): unknown => {
    try {
      return Headlessly({ tenant: 'acme', ...options })
    } catch (error) {
      return error
    }
  }
  expect(refused({ tenant: 'Acme!' })).toMatchObject({ code: 'invalid_settings', field: 'tenant' })
  expect(refused({ endpoint: 'localhost' })).toMatchObject({ field: 'endpoint' })
  expect(refused({ endpoint: 'http://me:secret@localhost' })).toMatchObject({
    field: 'endpoint',
    message: expect.not.stringContaining('secret'),
  })
  expect(refused({ apiKey: 'secret\n' })).toMatchObject({
    field: 'apiKey',
    message: expect.not.stringContaining('secret'),
  })
  expect(refused({ timeoutMs: 0 })).toMatchObject({ field: 'timeoutMs' })
  expect(refused({ bookmark: 'x' })).toMatchObject({ field: 'bookmark' })
})
