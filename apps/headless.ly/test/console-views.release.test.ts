// The calendar and the graph of the console: each record is on its day by the clock of the person, and the nodes are the relations.

import { anyEntity, type Client, Headlessly } from '@headlessly/sdk'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openChromium } from './chromium.ts'
import { useServer } from './server.ts'

const { url } = useServer()
const tenant = 'visby'
const zones = ['Europe/Berlin', 'America/Los_Angeles', 'Asia/Kathmandu', 'Pacific/Auckland']

describe.skipIf(!hasChromium)('a person sees', () => {
  let browser: Browser
  let client: Client

  beforeAll(async () => {
    client = Headlessly({ tenant, endpoint: url() })
    browser = await openChromium()
  })
  afterAll(async () => {
    await browser?.close()
  })

  async function open(path: string, timezoneId = 'UTC'): Promise<Page> {
    const page = await browser.newPage({ locale: 'en-GB', timezoneId })
    page.setDefaultTimeout(15_000)
    await page.goto(`${url()}/console/${tenant}${path}`)
    await page.locator('h1').first().waitFor()
    await page.locator('.skeleton').first().waitFor({ state: 'detached' })
    return page
  }

  test('each record in the calendar on its day in their time zone, once, also in the weeks around the month', async () => {
    // From the last week of February to the first of April, at the hours around midnight of all zones.
    const times = Array.from({ length: 60 }, (_, at) => Date.UTC(2026, 1, 24) + at * 15.5 * 3_600_000)
    const calls = times.map((ms, at) => ({
      subject: `Call ${at}`,
      type: 'Call' as const,
      dueAt: new Date(ms).toISOString(),
    }))
    await client.Activity.createMany(calls)
    for (const zone of zones) {
      const day = new Intl.DateTimeFormat('sv-SE', { timeZone: zone })
      const expected = calls
        .map(({ subject, dueAt }) => `${day.format(new Date(dueAt))} ${subject}`)
        .filter((line) => line >= '2026-02-23' && line < '2026-04-06')
      const page = await open('/Activity?view=calendar:dueAt:2026-03', zone)
      await page.locator('[data-day] a').first().waitFor()
      // A day shows four records; the others are counted.
      const shown = (await page.evaluate(
        `[...document.querySelectorAll('[data-day]')].flatMap((day) => [...day.querySelectorAll('a')].map((link) => day.dataset.day + ' ' + link.textContent))`,
      )) as readonly string[] // of the expression
      expect({ zone, shown: shown.toSorted() }).toEqual({ zone, shown: expected.toSorted() })
      await page.close()
    }
  })

  test('a date in the calendar on the same day everywhere', async () => {
    await client.Deal.create({ name: 'Expected', value: 1, expectedCloseDate: '2026-03-01' })
    for (const zone of zones) {
      const page = await open('/Deal?view=calendar:expectedCloseDate:2026-03', zone)
      await page.locator('[data-day="2026-03-01"]').getByRole('link', { name: 'Expected' }).waitFor()
      expect(await page.getByRole('link', { name: 'Expected' }).count()).toBe(1)
      await page.close()
    }
  })

  test('the relations of a record as nodes, each once, which lead on', async () => {
    const organization = await client.Organization.create({ name: 'Visby Marina' })
    const contact = await client.Contact.create({ name: 'Ada', organization: organization.$id })
    const { $id: id } = await client.Deal.create({
      name: 'Berths',
      value: 1,
      organization: organization.$id,
      contact: contact.$id,
    })
    const activity = await client.Activity.create({ subject: 'Call Ada', type: 'Call', deal: id })
    const comment = await anyEntity(client, 'Comment').perform('create', { body: 'Ask twice', about: id })
    const related = [organization, contact, activity, comment].map((one) => one?.$id ?? '')
    const page = await open(`/Deal/${id}?view=graph`)
    await page.locator('a.graph-node').first().waitFor()
    const nodes = (await page.evaluate(
      `[...document.querySelectorAll('a.graph-node')].map((node) => new URL(node.href?.baseVal ?? node.getAttribute('href'), location.href).pathname.split('/').at(-1))`,
    )) as readonly string[] // of the expression
    expect(nodes.toSorted()).toEqual([id, ...related].toSorted())
    expect(await page.locator('line.graph-edge').count()).toBe(related.length)
    await page.getByRole('link', { name: 'Organization: Visby Marina' }).click()
    await page.getByRole('heading', { name: 'Visby Marina' }).waitFor()
    await page.getByRole('link', { name: 'Deal: Berths' }).waitFor()
    await page.close()
  })
})
