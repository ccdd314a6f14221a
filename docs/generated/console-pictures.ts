// Photographs the pages of the console with the sample company, always of the same year, by the browser and the fonts of a package,
// so that two machines make the same pictures.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, Headlessly, loadDemo } from '@headlessly/sdk'
import type { Browser } from 'playwright-core'
import { startServer } from '../../apps/headless.ly/src/embedded/launcher.ts'
import { openPackagedChromium } from '../../apps/headless.ly/test/chromium.ts'

const tenant = 'harbour'
/** Small pictures are enough to recognize a page. */
const scale = 0.7
const [width, height, phoneWidth] = [1_280, 800, 360]

export interface Picture {
  /** `board`, or `board-dark`. */
  readonly name: string
  readonly png: Buffer
}

interface Page {
  readonly name: string
  readonly path: string
  readonly isDark?: boolean
  readonly isPhone?: boolean
}

async function pagesOf(client: Client): Promise<readonly Page[]> {
  const deal = await client.Deal.findOne({ stage: 'Won' }, { strong: true, sort: 'name' })
  const record = `/${tenant}/Deal/${deal?.$id}`
  const page = (name: string, path: string): Page => ({ name, path: `/${tenant}${path}` })
  const numbers = ['pipeline', 'product', 'support', 'marketing', 'chart']
  const operate = ['members', 'rules', 'keys', 'webhooks', 'lake', 'backup', 'events']
  return [
    { name: 'start', path: '' },
    page('home', ''),
    { ...page('home-dark', ''), isDark: true },
    { ...page('home-phone', ''), isPhone: true },
    page('past', '?at=2026-02-01T00:00:00Z'),
    page('list', '/Deal?group=stage&f={"value":{"$gte":1000}}'),
    page('payments', '/Payment'),
    page('board', '/Deal?view=board'),
    page('calendar', '/Invoice?view=calendar'),
    { name: 'record', path: record },
    { name: 'history', path: `${record}?view=history` },
    { name: 'graph', path: `${record}?view=graph` },
    page('inbox', '/inbox'),
    page('messages', '/inbox/messages'),
    page('revenue', '/numbers'),
    ...numbers.map((name) => page(name, `/numbers/${name}`)),
    page('agents', '/agents'),
    ...['runs', 'approvals', 'do'].map((name) => page(name, `/agents/${name}`)),
    page('functions', '/agents/functions?view=plan-monday'),
    page('types', '/operate'),
    ...operate.map((name) => page(name, `/operate/${name}`)),
    page('stripe', '/operate/payments'),
  ]
}

/** `names` are the pictures to take; all if there are none. */
export async function photographConsole(
  take: (picture: Picture) => Promise<void>,
  names: readonly string[] = [],
): Promise<void> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-pictures-'))
  const server = await startServer({ dataFolder, port: 0 })
  const browser = await openPackagedChromium()
  try {
    const client = Headlessly({ tenant, endpoint: server.url })
    await loadDemo(client, { untilMs: Date.UTC(2026, 5, 30) })
    const pages = await pagesOf(client)
    for (const page of pages.filter(({ name }) => names.length === 0 || names.includes(name)))
      await take({ name: page.name, png: await photograph(browser, server.url, page) })
  } finally {
    await browser.close()
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

async function photograph(browser: Browser, url: string, { path, isDark, isPhone }: Page): Promise<Buffer> {
  const context = await browser.newContext({
    viewport: { width: isPhone === true ? phoneWidth : width, height },
    deviceScaleFactor: isPhone === true ? 1 : scale,
    colorScheme: isDark === true ? 'dark' : 'light',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await page.goto(`${url}/console${path}`)
  await page.locator('h1').first().waitFor()
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
  // Names of references come with a read of their own.
  await page.waitForLoadState('networkidle', { timeout: quietMs }).catch(() => {})
  await page.evaluate(withoutChance)
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  await context.close()
  return png
}

/** Ids and the beginnings of keys are other ones each time, and as wide as their letters. */
const withoutChance = `(() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode() !== null) {
    const { nodeValue } = texts.currentNode
    const fixed = nodeValue
      .replace(/(hly_[a-z]+_)\\w+/g, '$1a1b2c3d')
      .replace(/\\b([a-z]+_)[0-9A-Za-z]{12}\\b/g, '$1a1b2c3d4e5f6')
    if (fixed !== nodeValue) texts.currentNode.nodeValue = fixed
  }
})()`

/** Live events keep a connection open, so a page may never be idle. */
const quietMs = 800

/** The part of the pixels that differ visibly between two pictures, from 0 to 1; 1 for pictures of different sizes. */
export async function differenceOf(browser: Browser, one: Buffer, other: Buffer): Promise<number> {
  const page = await browser.newPage()
  const urls = [one, other].map((png) => `data:image/png;base64,${png.toString('base64')}`)
  const part = await page.evaluate(
    `(async () => {
      const [one, other] = await Promise.all(${JSON.stringify(urls)}.map(async (url) => {
        const image = new Image()
        image.src = url
        await image.decode()
        const canvas = new OffscreenCanvas(image.width, image.height)
        const context = canvas.getContext('2d')
        context.drawImage(image, 0, 0)
        return context.getImageData(0, 0, image.width, image.height)
      }))
      if (one.width !== other.width || one.height !== other.height) return 1
      let different = 0
      for (let at = 0; at < one.data.length; at += 4) {
        let most = 0
        for (let part = 0; part < 3; part++) most = Math.max(most, Math.abs(one.data[at + part] - other.data[at + part]))
        if (most > ${visible}) different++
      }
      return different / (one.width * one.height)
    })()`,
  )
  await page.close()
  return Number(part)
}

/** A difference of a colour, of 255 levels. */
const visible = 40
