// The console in a real browser as different people see it: what each may use, and what is kept of each.

import { type Client, Headlessly } from '@headlessly/sdk'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openChromium } from './chromium.ts'
import { useSharedServer } from './server.ts'

const { url } = useSharedServer()
const tenant = 'ahus'

describe.skipIf(!hasChromium)('people in the console', () => {
  let browser: Browser
  let client: Client

  beforeAll(async () => {
    client = Headlessly({ tenant, endpoint: url() })
    browser = await openChromium()
    await client.Contact.createMany(Array.from({ length: 20 }, (_, at) => ({ name: `Guest ${at}` })))
  })
  afterAll(async () => {
    await browser?.close()
  })

  /** A browser of its own, such as another device of the same person. */
  async function deviceOf(key: string | undefined): Promise<BrowserContext> {
    const headers = key === undefined ? {} : { extraHTTPHeaders: { authorization: `Bearer ${key}` } }
    return browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...headers })
  }

  async function keyOf(role: 'Admin' | 'Member' | 'Viewer'): Promise<string> {
    const email = `${role.toLowerCase()}@example.com`
    const user =
      (await client.User.findOne({ email }, { strong: true })) ??
      (await client.User.create({ name: role, email, role }))
    return String(Reflect.get(await client.ApiKey.create({ name: `As ${role}`, owner: user.$id }), 'key'))
  }

  async function open(device: BrowserContext, path: string, atMs?: number): Promise<Page> {
    const page = await device.newPage()
    page.setDefaultTimeout(15_000)
    if (atMs !== undefined) await page.clock.setFixedTime(atMs)
    await page.goto(`${url()}/console/${tenant}${path}`)
    return page
  }

  async function visits(): Promise<number> {
    const log = await client.events.list({ limit: 1_000 })
    return log.filter(({ type }) => type.startsWith('ConsoleVisit.')).length
  }

  /** What the home page says about the last visit. */
  async function saidTo(device: BrowserContext, atMs: number): Promise<string> {
    const page = await open(device, '', atMs)
    const sentence = page.locator('section[aria-labelledby=changes] > p')
    await sentence.filter({ hasText: /\w/ }).waitFor()
    const text = await sentence.innerText()
    expect(await page.locator('.commits').innerText()).not.toMatch(/visit/i)
    expect(await page.locator('.sidebar').innerText()).not.toMatch(/visit/i)
    await page.close()
    return text
  }

  test('the last visit is that of the person on whatever device, and counts no visit as a change', async () => {
    const start = Date.now()
    const minutes = (count: number): number => start + count * 60_000
    const owner = await deviceOf(undefined)
    expect(await saidTo(owner, start)).toBe('This is your first visit here.')
    expect(await visits()).toBe(1)

    const key = await keyOf('Member')
    const [phone, laptop] = [await deviceOf(key), await deviceOf(key)]
    expect(await saidTo(laptop, start)).toBe('This is your first visit here.')
    await client.Contact.createMany([{ name: 'Ada' }, { name: 'Grace' }, { name: 'Edsger' }])
    // The visit goes on, on each device.
    expect(await saidTo(phone, minutes(29))).toBe('This is your first visit here.')
    expect(await visits()).toBe(2)
    expect(await saidTo(phone, minutes(31))).toMatch(/^3 changes since /)
    expect(await saidTo(laptop, minutes(45))).toMatch(/^3 changes since /)
    // The owner sees the new member and their key too.
    expect(await saidTo(owner, minutes(45))).toMatch(/^[5-9] changes since /)
    expect(await visits()).toBe(4)

    await client.Contact.create({ name: 'Barbara' })
    const both = await Promise.all([saidTo(phone, minutes(300)), saidTo(laptop, minutes(300))])
    expect(both).toEqual([expect.stringMatching(/^1 changes? since /), both[0]])
    expect(await visits()).toBe(5)
    // Without a change nothing is written.
    expect(await saidTo(phone, minutes(900))).toMatch(/^Nothing has changed since /)
    expect(await visits()).toBe(5)
    const page = await open(phone, '?at=2020-01-01T00:00:00Z', minutes(2_000))
    await page.getByText('Nothing can be changed there').waitFor()
    await page.close()
    expect(await visits()).toBe(5)
    for (const device of [owner, phone, laptop]) await device.close()
  })

  test('who may write nothing has a last visit that the browser remembers', async () => {
    const viewer = await deviceOf(await keyOf('Viewer'))
    const before = await visits()
    const start = Date.now()
    expect(await saidTo(viewer, start)).toBe('This is your first visit here.')
    await client.Contact.create({ name: 'Alan' })
    expect(await saidTo(viewer, start + 31 * 60_000)).toMatch(/^1 changes? since /)
    expect(await visits()).toBe(before)
    await viewer.close()
  })

  test('a business that is just begun keeps nothing that its people did not write', async () => {
    const own = Headlessly({ tenant: 'small', endpoint: url() })
    await own.Contact.create({ name: 'First' })
    const device = await deviceOf(undefined)
    const page = await device.newPage()
    await page.goto(`${url()}/console/small`)
    await page.getByText('This is your first visit here.').waitFor()
    expect((await own.events.list({})).map(({ type }) => type)).toEqual(['Contact.Created'])
    await device.close()
  })

  test('each role has the parts of the tools that it may use, and an address of another says what it would need', async () => {
    const seen: Record<string, readonly string[]> = {}
    for (const role of ['Admin', 'Member', 'Viewer'] as const) {
      const device = await deviceOf(await keyOf(role))
      const page = await open(device, '')
      await page.getByRole('link', { name: 'Operate' }).click()
      const tabs = page.getByRole('navigation', { name: 'Operate' }).getByRole('link')
      await tabs.first().waitFor()
      seen[role] = await tabs.allInnerTexts()
      if (role !== 'Admin') {
        // The way to the tool leads to what one may use of it.
        expect(new URL(page.url()).pathname).toBe(`/console/${tenant}/operate/members`)
        await page.getByRole('cell', { name: 'viewer@example.com' }).waitFor()
        expect(await page.getByRole('button', { name: /Suspend|Invite/ }).count()).toBe(0)
        await page.goto(`${url()}/console/${tenant}/operate/keys`)
        await page.getByText('Your role does not let you read API keys').waitFor()
      }
      await device.close()
    }
    const admin = ['Types', 'Members', 'Roles', 'Keys', 'Webhooks', 'Payments', 'Jobs and errors', 'Lake', 'Backup']
    const member = ['Members', 'Webhooks', 'Jobs and errors', 'Events']
    // A key of the business does not open the server.
    expect(seen).toEqual({ Admin: [...admin, 'Events', 'Audit log'], Member: member, Viewer: member })
  })

  test('a record offers who may not write it no field to edit, no verb, no comment and no undo', async () => {
    const { $id: id } = await client.Deal.create({ name: 'Pier', value: 5 })
    const device = await deviceOf(await keyOf('Viewer'))
    const page = await open(device, `/Deal/${id}`)
    await page.locator('.other-verbs summary').click()
    await page.getByText('Win not with your role').waitFor()
    expect(await page.locator('.verbs button, .field-row button, .new-comment, input[type=file]').count()).toBe(0)
    await page.goto(`${url()}/console/${tenant}/Deal/${id}?view=history`)
    await page.locator('.history-event').waitFor()
    expect(await page.getByRole('button', { name: 'Take back' }).count()).toBe(0)
    await device.close()
  })
})
