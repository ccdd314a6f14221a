// Every figure of the console that counts records leads to a page with as many: of tiles, tables, bars, alerts and charts, at the end
// of a year of business, and within it.

import { Headlessly, loadDemo } from '@headlessly/sdk'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { hasChromium, openChromium } from './chromium.ts'
import { useServer } from './server.ts'

const { url } = useServer()
const tenant = 'harbour'
/** A year of business is loaded first, and each link is opened. */
const timeoutMs = 900_000

/** A page that says no number by then shows none. */
const countMs = 10_000
/** A page is drawn anew at the next frame. */
const restMs = 60
/** A zone in which a month begins in another one of UTC. */
const timezoneId = 'America/New_York'

interface Figure {
  readonly href: string
  readonly label: string
  readonly count: number
}

/** Links with a filter and the number of records that they name: by themselves, in the note beside them, or in their row. */
const readFigures = `(() => {
  const wholeOf = (text) => (/^[\\d,]+$/.test(text.trim()) ? Number(text.replaceAll(',', '')) : undefined)
  const countOf = (link) => {
    // A share of records is no number of them, and users are counted by their events.
    if (/percent|\\b[DM]AU\\b/.test(link.textContent)) return undefined
    const own = wholeOf((link.querySelector('strong, .tile-value, .soft') ?? link).textContent)
    if (own !== undefined || link.closest('.figures, .tiles') !== null) return own
    if (link.closest('.alerts') !== null) return wholeOf((/[\\d,]+/.exec(link.textContent) ?? [''])[0])
    const row = link.closest('tr, .bars > li')
    const beside = [...(row?.querySelectorAll('td.number, .soft, .number') ?? [])].map(({ textContent }) => wholeOf(textContent))
    return beside.find((count) => count !== undefined)
  }
  const links = [...document.querySelectorAll('main a[href*="f="]')]
  return links.map((link) => ({ href: link.getAttribute('href'), label: link.textContent.trim(), count: countOf(link) }))
})()`

const pages = [
  '',
  '/numbers',
  '/numbers/pipeline',
  '/numbers/product',
  '/numbers/support',
  '/numbers/marketing',
  '/numbers/chart?view=Deal&group=stage',
  '/numbers/chart?view=Ticket&group=month($createdAt)',
  '/numbers/chart?view=Subscription&group=month(canceledAt)',
  '/numbers/chart?view=Deal&group=month(expectedCloseDate)',
  '/numbers/chart?view=Invoice&group=customer&f={"status":"Paid"}',
]
const moments = [undefined, '2026-02-14T09:00:00.000Z']

async function open(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await page.locator('h1').first().waitFor()
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
}

/** Goes there as a click on the link would, without loading the console again, and returns the number of records that it says. */
async function countAt(page: Page, href: string): Promise<number> {
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(href)}); dispatchEvent(new Event('popstate'))`)
  await page.waitForTimeout(restMs)
  const said = page.locator('.list-head > .soft').filter({ hasText: /record/ })
  const text = await said.innerText({ timeout: countMs }).catch(() => '-1')
  return Number(text.replaceAll(/[^\d-]/g, ''))
}

async function figuresOf(page: Page, path: string, at: string | undefined): Promise<readonly Figure[]> {
  const address = new URL(`${url()}/console/${tenant}${path}`)
  if (at !== undefined) address.searchParams.set('at', at)
  await open(page, address.href)
  await page.locator('main a[href*="f="]').first().waitFor()
  const found = (await page.evaluate(readFigures)) as readonly Partial<Figure>[] // of the expression
  return found.flatMap(({ href = '', label = '', count }) => (count === undefined ? [] : [{ href, label, count }]))
}

test.skipIf(!hasChromium)(
  'the page that a figure leads to has as many records as the figure says',
  async () => {
    await loadDemo(Headlessly({ tenant, endpoint: url() }), { untilMs: Date.UTC(2026, 5, 30) })
    const browser = await openChromium()
    try {
      const page = await browser.newPage({ locale: 'en-GB', timezoneId })
      const figures = new Map<string, Figure & { readonly from: string }>()
      for (const at of moments)
        for (const path of pages)
          for (const figure of await figuresOf(page, path, at))
            figures.set(figure.href + figure.count, { ...figure, from: path })
      const wrong: string[] = []
      for (const { href, label, count, from } of figures.values()) {
        const shown = await countAt(page, href)
        if (shown !== count)
          wrong.push(`${from}: ${label} says ${count}, but there are ${shown} at ${decodeURIComponent(href)}`)
      }
      expect(wrong).toEqual([])
      expect(figures.size).toBeGreaterThan(120)
    } finally {
      await browser.close()
    }
  },
  timeoutMs,
)
