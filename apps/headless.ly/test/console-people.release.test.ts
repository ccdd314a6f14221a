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

  /** The sentence of the home page about the last visit. */
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

  test('a form for a new record offers only states in which one may begin, and a field only those that it leads to', async () => {
    const device = await deviceOf(undefined)
    const page = await open(device, '/Subscription')
    await page.getByRole('button', { name: 'New', exact: true }).click()
    const status = page.getByRole('dialog').getByRole('combobox', { name: 'Status' })
    expect(await status.getByRole('option').allInnerTexts()).toEqual(['– none –', 'Active', 'Trialing', 'Incomplete'])
    const { $id: id } = await client.Deal.create({ name: 'Quay', value: 5, stage: 'Won' })
    await page.goto(`${url()}/console/${tenant}/Deal/${id}`)
    await page.getByRole('button', { name: 'Edit Stage' }).click()
    const stages = await page.getByRole('combobox', { name: 'Edit Stage' }).getByRole('option').allInnerTexts()
    expect(stages).toEqual(['– none –', 'Prospecting', 'Qualification', 'Proposal', 'Negotiation', 'Won'])
    await device.close()
  })

  test('two editors of roles keep what each has changed, and decide about a role that both have', async () => {
    const about = (text: string) => ({ about: text, others: { read: 'all' } }) as const
    const device = await deviceOf(undefined)
    const page = await open(device, '/operate/rules')
    // A new role is saved with its name as a value of the field: one commit.
    await page.getByLabel('New role').fill('Sales')
    await page.getByRole('button', { name: 'Add role' }).click()
    await page.getByLabel('Description').fill('Sells')
    const { events: before } = await client.status()
    await page.getByRole('button', { name: 'Save the rules' }).click()
    await page.getByText('Rules saved').waitFor()
    const saved = await client.events.list({ after: before, limit: 10 })
    expect(saved.map(({ type }) => type)).toEqual(['Schema.Created', 'Rules.Created'])
    expect(new Set(saved.map(({ commit }) => commit)).size).toBe(1)

    await page.getByLabel('Description').fill('Sells boats')
    const { version } = await client.access.rules()
    await client.access.setRoles({ Sales: about('Sells tents'), Viewer: about('Looks') }, { ifVersion: version })
    await expect(client.access.setRoles({}, { ifVersion: version })).rejects.toMatchObject({ code: 'version_conflict' })
    await page.getByRole('button', { name: 'Save the rules' }).click()
    await page.getByText('Somebody else has changed the same roles meanwhile: Sales').waitFor()
    expect((await client.access.roles())['Sales']?.about).toBe('Sells tents')
    await page.getByRole('button', { name: 'Save mine' }).click()
    await expect
      .poll(async () => {
        const { Sales, Viewer } = await client.access.roles()
        return [Sales?.about, Viewer?.about]
      })
      .toEqual(['Sells boats', 'Looks'])
    await device.close()
  })

  test('an import gives all rows one value that the file lacks, and its progress is there after the page is loaded again', async () => {
    const organization = await client.Organization.create({ name: 'Harbour' })
    const rows = Array.from({ length: 2_000 }, (_, at) => `Berth ${at}`)
    const device = await deviceOf(undefined)
    const page = await open(device, '/Deal')
    await page.getByRole('button', { name: 'Import' }).click()
    const dialog = page.getByRole('dialog')
    const csv = { name: 'deals.csv', mimeType: 'text/csv', buffer: Buffer.from(['Name', ...rows].join('\n')) }
    await dialog.locator('input[type=file]').setInputFiles(csv)
    await dialog.getByText("no column is 'value'").waitFor()
    const value = dialog.getByRole('group', { name: 'The same for all rows' }).getByLabel('Value')
    await value.fill('1250')
    await value.press('Tab')
    await dialog.getByText('The file has 2,000 rows. 0 of those').waitFor()
    expect(await client.Deal.count({ value: 1_250 }, { strong: true })).toBe(0)
    await dialog.getByRole('button', { name: 'Import' }).click()
    await dialog.getByText(/^[\d,]+ (?:of 2,000 )?imported/).waitFor()
    await page.reload()
    const progress = page.getByRole('region', { name: 'Progress of the import' })
    await progress.getByText('2,000 imported, 0 refused').waitFor({ timeout: 60_000 })
    await progress.getByRole('button', { name: 'Close' }).click()
    await progress.waitFor({ state: 'detached' })
    expect(await client.Deal.count({ value: 1_250 }, { strong: true })).toBe(2_000)
    await device.close()
    // Names are looked up as those of a column are.
    const given = { values: { value: 5, organization: 'Harbour' } }
    expect((await client.imports.plan('Deal', 'Name\nGate', given)).counts).toMatchObject({ created: 1, refused: 0 })
    await client.imports.run('Deal', 'Name\nGate', given)
    const gate = await client.Deal.findOne({ name: 'Gate' }, { strong: true })
    expect(gate).toMatchObject({ value: 5, organization: organization.$id })
    const wrong = { values: { price: 1, name: 'x', value: null } }
    await expect(client.imports.run('Deal', 'Name\nGate', wrong)).rejects.toMatchObject({ field: 'values' })
  })
})
