// Questions of the console before it ends something, and pages that were left before they were there.

import { type Client, Headlessly } from '@headlessly/sdk'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openChromium } from './chromium.ts'
import { useServer } from './server.ts'

const { url } = useServer()
const tenant = 'visby'

describe.skipIf(!hasChromium)('the console', () => {
  let browser: Browser
  let client: Client
  let page: Page

  beforeAll(async () => {
    client = Headlessly({ tenant, endpoint: url() })
    browser = await openChromium()
    page = await browser.newPage({ locale: 'en-GB', reducedMotion: 'reduce' })
    page.setDefaultTimeout(15_000)
    const ada = await client.Contact.create({ name: 'Ada Lovelace' })
    await client.Deal.create({ name: 'Berths', value: 1_000, contact: ada.$id })
    await client.Ticket.create({ subject: 'Gate is stuck' })
    await client.functions.put('score', { on: 'Contact.creating', source: '(contact) => ({ leadScore: 1 })' })
  })
  afterAll(async () => {
    await browser?.close()
  })

  async function open(path: string): Promise<void> {
    await page.goto(`${url()}/console/${tenant}${path}`)
    await page.locator('h1').first().waitFor()
    await page.locator('.skeleton').first().waitFor({ state: 'detached' })
  }

  test('makes no new key before it has said what happens to the old one', async () => {
    const { $id: id } = await client.ApiKey.create({ name: 'Nightly' })
    await open('/operate/keys')
    const dialog = page.getByRole('dialog')
    const replace = page.getByRole('button', { name: 'Replace key Nightly' })
    await replace.click()
    await dialog.getByText('The old one works until you revoke it').waitFor()
    expect(await client.ApiKey.count({}, { strong: true })).toBe(1)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await replace.click()
    await dialog.getByRole('button', { name: 'Create key' }).click()
    await dialog.getByText('are refused from now on').waitFor()
    // A person who closes the dialog there has two keys that work.
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await client.ApiKey.count({ status: 'Active' }, { strong: true })).toBe(2)
    expect((await client.ApiKey.history(id)).map(({ type }) => type)).toEqual(['ApiKey.Created'])
  })

  test('suspends no member before it has said what that ends', async () => {
    const { $id: id } = await client.User.create({ name: 'Rosa', email: 'rosa@example.com', role: 'Member' })
    await client.User.update(id, { status: 'Active' })
    await open('/operate/members')
    const dialog = page.getByRole('dialog')
    const suspend = page.getByRole('button', { name: 'Suspend Rosa' })
    await suspend.click()
    await dialog.getByText('signed out everywhere').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect((await client.User.get(id, { strong: true }))?.status).toBe('Active')
    await suspend.click()
    await dialog.getByRole('button', { name: 'Suspend' }).click()
    await page.getByRole('button', { name: 'Activate' }).waitFor()
    expect((await client.User.get(id, { strong: true }))?.status).toBe('Suspended')
  })

  test('shows a page that was left before it was there, once the person comes back', async () => {
    const [deal] = await client.Deal.find({}, { strong: true })
    const numbers = ['', '/pipeline', '/product', '/support', '/marketing', '/chart'].map((part) => `/numbers${part}`)
    const operate = ['', '/members', '/rules', '/keys', '/webhooks', '/jobs', '/events', '/audit'].map(
      (part) => `/operate${part}`,
    )
    const agents = ['', '/runs', '/approvals', '/functions?view=score'].map((part) => `/agents${part}`)
    const lists = ['', '?view=board', '?view=calendar', '?group=stage'].map((view) => `/Deal${view}`)
    const records = ['', '?view=history', '?view=graph'].map((view) => `/Deal/${deal?.$id}${view}`)
    const stuck: string[] = []
    for (const path of [...lists, ...records, '/inbox', ...numbers, ...agents, ...operate]) {
      await open('/Contact')
      // Answers come, but not before the person has gone.
      let isSlow = true
      await page.route('**/~visby/**', async (route) => {
        if (isSlow) await new Promise((resolve) => setTimeout(resolve, 1_500))
        await route.continue().catch(() => {})
      })
      await page.evaluate(
        `history.pushState(null, '', ${JSON.stringify(`/console/${tenant}${path}`)}); dispatchEvent(new Event('popstate'))`,
      )
      await page.waitForTimeout(150)
      await page.goBack()
      await page.getByRole('heading', { name: 'Contacts' }).waitFor()
      isSlow = false
      await page.goForward()
      await page.locator('h1').first().waitFor()
      await page
        .locator('.skeleton')
        .first()
        .waitFor({ state: 'detached', timeout: 10_000 })
        .catch(() => stuck.push(path))
      const failed = await page.locator('.state[role=alert], .fault').allInnerTexts()
      if (failed.length > 0) stuck.push(`${path}: ${failed.join(' ')}`)
      await page.unrouteAll({ behavior: 'ignoreErrors' })
    }
    expect(stuck).toEqual([])
  })
})
