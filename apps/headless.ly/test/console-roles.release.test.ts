// The console derives from `whoami` what a caller may use. Here the server is asked the same, for every part of every tool, every type
// and every verb, as callers of each built-in role and of one that reads a single type.

import { anyEntity, type Client, Headlessly, HeadlesslyError, type Whoami } from '@headlessly/sdk'
import { nouns, type NounSchema } from 'digital-objects'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isGranted } from '../../console/src/base/rights.ts'
import { grantedParts, type Tool, type ToolPart, tools } from '../../console/src/base/tools.ts'
import { hasChromium, openChromium, waitUntil } from './chromium.ts'
import { useServer } from './server.ts'

const { url } = useServer()
const tenant = 'roles'
const roles = ['Admin', 'Member', 'Viewer', 'Sales'] as const

/** HTTP methods of the verbs that have no address of their own. */
const methods: Readonly<Record<string, string>> = { create: 'POST', update: 'PATCH', delete: 'DELETE' }

/** The others are verbs of the server itself, which everybody is refused. */
function callableVerbs({ verbs }: NounSchema): readonly string[] {
  return Object.values(verbs).flatMap(({ name, effect }) => (effect.systemOnly === true ? [] : name))
}

let owner: Client
const keys = new Map<string, string>()

beforeAll(async () => {
  owner = Headlessly({ tenant, endpoint: url() })
  await owner.Deal.create({ name: 'Pier', value: 5 })
  await owner.Ticket.create({ subject: 'Gate is stuck' })
  await owner.schema.patch('User', { fields: { role: 'Owner | Admin | Member | Viewer | Sales' } })
  await owner.access.setRoles({
    Sales: { nouns: { Deal: { read: 'all', write: { stage: 'Prospecting' }, verbs: ['win'] } } },
  })
  for (const role of roles) {
    const user = await anyEntity(owner, 'User').perform('create', { name: role, email: `${role}@example.com`, role })
    const key: object = await owner.ApiKey.create({ name: role, owner: user?.$id ?? '' })
    keys.set(role, String(Reflect.get(key, 'key')))
  }
})

function as(role: string): Client {
  return Headlessly({ tenant, endpoint: url(), apiKey: keys.get(role) ?? '' })
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    if (error instanceof HeadlesslyError) return error.code
    throw error
  }
}

describe.each(roles)('%s', (role) => {
  let whoami: Whoami
  let client: Client
  beforeAll(async () => {
    client = as(role)
    whoami = await client.access.whoami()
  })

  test('the console grants a verb of a type exactly if the server does not refuse it as such', async () => {
    const wrong: string[] = []
    let asked = 0
    for (const { $schema } of Object.values(nouns)) {
      const { name, idPrefix } = $schema
      for (const verb of callableVerbs($schema)) {
        const method = methods[verb]
        const target = verb === 'create' ? '' : `/${idPrefix}_AAAAAAAAAAAA${method === undefined ? `/${verb}` : ''}`
        const answer = await fetch(`${url()}/~${tenant}/${name}${target}`, {
          method: method ?? 'POST',
          headers: { authorization: `Bearer ${keys.get(role)}`, 'content-type': 'application/json' },
          ...(method === 'DELETE' ? {} : { body: '{}' }),
        })
        asked += 1
        // A type that the caller may not read is none for it.
        const { code } = (await answer.json()) as { readonly code: string }
        const isRefused = answer.status === 403 || (code === 'not_found' && !isGranted(whoami, { read: name }))
        if (isGranted(whoami, { verb, of: name }) === isRefused) wrong.push(`${name}.${verb}: ${answer.status} ${code}`)
      }
    }
    expect(wrong).toEqual([])
    expect(asked).toBeGreaterThan(200)
  })

  test('a part that the console withholds is refused by the server', async () => {
    for (const part of tools.flatMap(({ parts }): readonly ToolPart[] => parts)) {
      if (part.needs === undefined || isGranted(whoami, part.needs)) continue
      expect([part.id, await codeOf(probeOf(client, part))]).toEqual([
        part.id,
        expect.stringMatching(/^(?:forbidden|not_found|unauthorized)$/),
      ])
    }
  })
})

/** A key of the business is refused whatever its role. */
async function listTenants(): Promise<void> {
  const answer = await fetch(`${url()}/tenants`, { headers: { authorization: `Bearer ${keys.get('Admin')}` } })
  if (!answer.ok) throw new HeadlesslyError({ code: 'forbidden', message: String(answer.status) })
}

/** The call that a part cannot do without. */
function probeOf(client: Client, { id, needs }: ToolPart): Promise<unknown> {
  if (typeof needs === 'object' && 'read' in needs) return client.schema.get(needs.read)
  switch (id) {
    case 'types':
      return client.schema.put('Probe', { fields: { name: 'string!' } })
    case 'rules':
      return client.access.roles()
    case 'payments':
      return client.payments.status()
    case 'lake':
      return client.lake.attach()
    case 'backup':
      return client.lake.verify()
    case 'audit':
      return client.access.audit()
    case 'tenants':
      return listTenants()
    default:
      throw new Error(`the part ${id} needs ${JSON.stringify(needs)}, and no call shows that the server refuses it`)
  }
}

const isLoaded = `document.querySelector('.tool-page > :nth-child(3)') !== null && document.querySelector('main .loading') === null`

describe.skipIf(!hasChromium)('in the browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openChromium()
  })
  afterAll(() => browser?.close())

  test.each(roles)(
    '%s is refused nothing on a part that is shown, and is told what it needs on any other',
    async (role) => {
      const whoami = await as(role).access.whoami()
      const device = await browser.newContext({
        locale: 'en-GB',
        extraHTTPHeaders: { authorization: `Bearer ${keys.get(role)}` },
      })
      const page = await device.newPage()
      const refused: string[] = []
      page.on('response', (response) => {
        // Whether a caller operates the server is known by asking.
        if (response.status() === 403 && !response.url().includes('/tenants?'))
          refused.push(`${page.url()} ${response.url()}`)
      })
      const wrong: string[] = []
      for (const tool of tools)
        for (const part of tool.parts) {
          const isShown = await seesPart(page, tool, part)
          const isRight = part.needs === 'server' ? !isShown : isShown === grantedParts(tool, whoami).includes(part)
          if (!isRight) wrong.push(`${tool.name}/${part.id} is ${isShown ? '' : 'not '}shown`)
        }
      expect({ refused, wrong }).toEqual({ refused: [], wrong: [] })
      await device.close()
    },
  )

  /** Whether the part has content and a tab; else it says what it needs and has no tab. */
  async function seesPart(page: Page, tool: Tool, part: ToolPart): Promise<boolean> {
    const address = part === tool.parts[0] ? '' : `/${part.id}`
    await page.goto(`${url()}/console/${tenant}/${tool.name}${address}`)
    await page.locator('.tool-page h1').waitFor()
    await waitUntil(page, isLoaded)
    const forbidden = await page.getByText('You may not see this').count()
    const current = await page.locator('.tabs a[aria-current=page]').count()
    expect([tool.name, part.id, forbidden + current]).toEqual([tool.name, part.id, 1])
    return forbidden === 0
  }
})
