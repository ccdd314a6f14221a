// The console as of a past moment: the slider stands for the whole console, whatever page is opened from there.

import { type Client, Headlessly } from '@headlessly/sdk'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openChromium } from './chromium.ts'
import { useServer } from './server.ts'

const { url } = useServer()
const tenant = 'visby'

describe.skipIf(!hasChromium)('at a past moment', () => {
  let browser: Browser
  let client: Client
  let page: Page
  /** The last moment of three deals and two contacts, before everything changed. */
  let then: string

  beforeAll(async () => {
    client = Headlessly({ tenant, endpoint: url() })
    await client.Contact.create({ name: 'Ada Lovelace' })
    await client.Contact.create({ name: 'Grace Hopper' })
    for (const name of ['Berths', 'Cameras', 'Gates']) await client.Deal.create({ name, value: 1_000 })
    await client.Ticket.create({ subject: 'Gate is stuck', priority: 'High' })
    const [newest] = await client.Ticket.find({}, { strong: true })
    then = newest?.$createdAt ?? ''
    await new Promise((resolve) => setTimeout(resolve, 20))
    for (const { $id } of await client.Deal.find({}, { strong: true })) await client.Deal.win($id)
    const [ada] = await client.Contact.find({ name: 'Ada Lovelace' }, { strong: true })
    await client.Contact.update(ada?.$id ?? '', { name: 'Ada King' })
    await client.Deal.create({ name: 'Dredger', value: 9_000 })
    await client.Ticket.create({ subject: 'Lamp is out', priority: 'Low' })
    browser = await openChromium()
    page = await browser.newPage({ locale: 'en-GB', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' })
    page.setDefaultTimeout(15_000)
  })
  afterAll(async () => {
    await browser?.close()
  })

  async function open(path: string, at: string | undefined): Promise<void> {
    const address = new URL(`${url()}/console/${tenant}${path}`)
    if (at !== undefined) address.searchParams.set('at', at)
    await page.goto(address.href)
    await page.locator('h1').first().waitFor()
    await page.locator('.skeleton').first().waitFor({ state: 'detached' })
  }

  test('the board has the cards in the columns in which they were, and moves none', async () => {
    await open('/Deal?view=board', then)
    await page.getByRole('region', { name: 'Prospecting: 3' }).getByRole('link', { name: 'Gates' }).waitFor()
    await page.getByRole('region', { name: 'Won: 0' }).waitFor()
    expect(await page.getByRole('link', { name: 'Dredger' }).count()).toBe(0)
    await page.getByRole('link', { name: 'Gates' }).press('m')
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.getByRole('button', { name: 'Back to now' }).click()
    await page.getByRole('region', { name: 'Won: 3' }).getByRole('link', { name: 'Gates' }).waitFor()
    await page.getByRole('link', { name: 'Dredger' }).waitFor()
  })

  test('a chart counts what there was, and its bars lead to that', async () => {
    await open('/numbers/chart?view=Deal&group=stage', undefined)
    const bar = (name: string) => page.locator('.bars > li').filter({ hasText: name })
    await bar('Won').getByText('3', { exact: true }).waitFor()
    await open('/numbers/chart?view=Deal&group=stage', then)
    await bar('Prospecting').getByText('3', { exact: true }).waitFor()
    expect(await bar('Won').count()).toBe(0)
    await bar('Prospecting').getByRole('link').click()
    await page.getByText('3 records').waitFor()
    expect(new URL(page.url()).searchParams.get('at')).toBe(then)
    await open('/numbers/support', then)
    await page
      .getByRole('region', { name: 'Priority' })
      .getByRole('row', { name: /^High 1 / })
      .waitFor()
    expect(await page.getByRole('row', { name: /^Low / }).count()).toBe(0)
  })

  test('search finds the names that there were, and opens the record as it was', async () => {
    await open('', then)
    const found = (name: string) => page.getByRole('option', { name })
    await page.keyboard.press('Control+k')
    await page.keyboard.type('dredger')
    await page.getByText('Nothing matches').waitFor()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('lovelace')
    await found('Ada Lovelace').waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Ada Lovelace' }).waitFor()
    expect(new URL(page.url()).searchParams.get('at')).toBe(then)
    await page.getByRole('button', { name: 'Back to now' }).click()
    await page.getByRole('heading', { name: 'Ada King' }).waitFor()
  })

  test('goes along to every page, until the person comes back to now', async () => {
    await open('', then)
    const at = () => new URL(page.url()).searchParams.get('at')
    await page.keyboard.press('g')
    await page.keyboard.press('d')
    await page.getByText('3 records').waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await page.getByRole('link', { name: 'Support' }).click()
    await page.getByRole('row', { name: /^High 1 / }).waitFor()
    await page.getByRole('link', { name: 'Inbox' }).click()
    await page.getByRole('region', { name: 'Gate is stuck' }).waitFor()
    expect(await page.getByRole('link', { name: 'Lamp is out' }).count()).toBe(0)
    expect(at()).toBe(then)
    await page.keyboard.press('g')
    await page.keyboard.press('n')
    await page.getByRole('link', { name: 'Lamp is out' }).waitFor()
    expect(at()).toBeNull()
  })

  test('is a day that a person chooses, as that day ended where they are', async () => {
    const days = Headlessly({ tenant: 'ronne', endpoint: url() })
    await days.clock.set('2026-03-01T08:00:00Z')
    // Half an hour before and after the midnight of Berlin.
    for (const [name, time] of [
      ['First', '2026-03-01T09:00:00Z'],
      ['Late', '2026-03-02T22:30:00Z'],
      ['Early', '2026-03-02T23:30:00Z'],
    ] as const) {
      await days.clock.advance(time)
      await days.Deal.create({ name, value: 1_000 })
    }
    await page.goto(`${url()}/console/ronne/Deal?at=2026-03-01T12:00:00.000Z`)
    await page.getByText('1 record', { exact: true }).waitFor()
    await page.getByLabel('Day', { exact: true }).fill('2026-03-02')
    await page.getByText('2 records').waitFor()
    await page.getByText('You see 2 Mar 2026, 23:59').waitFor()
    expect(new URL(page.url()).searchParams.get('at')).toBe('2026-03-02T22:59:59.999Z')
    // The day of the newest event is the present.
    await page.getByLabel('Day', { exact: true }).fill('2026-03-03')
    await page.getByText('3 records').waitFor()
    expect(new URL(page.url()).searchParams.get('at')).toBeNull()
  })
})
