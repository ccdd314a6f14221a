// Photographs the pages of the console with the sample company: `npm run docs:screenshots -- <folder>`.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Headlessly, loadDemo } from '@headlessly/sdk'
import { buildIfStale } from '../../apps/headless.ly/build.js'
import { startServer } from '../../apps/headless.ly/src/embedded/launcher.ts'
import { openChromium } from '../../apps/headless.ly/test/chromium.ts'

const folder = process.argv[2] ?? 'screenshots'
const tenant = 'harbour'
const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-screenshots-'))

await buildIfStale()
const server = await startServer({ dataFolder, port: 0 })
try {
  mkdirSync(folder, { recursive: true })
  const client = Headlessly({ tenant, endpoint: server.url })
  await loadDemo(client, { untilMs: Date.UTC(2026, 5, 30) })
  const deal = await client.Deal.findOne({ stage: 'Won' }, { strong: true })
  const pages = {
    start: '',
    home: `/${tenant}`,
    list: `/${tenant}/Deal?group=stage&f={"value":{"$gte":1000}}`,
    board: `/${tenant}/Deal?view=board`,
    record: `/${tenant}/Deal/${deal?.$id}`,
    history: `/${tenant}/Deal/${deal?.$id}?view=history`,
    calendar: `/${tenant}/Invoice?view=calendar`,
    graph: `/${tenant}/Deal/${deal?.$id}?view=graph`,
    inbox: `/${tenant}/inbox`,
    numbers: `/${tenant}/numbers`,
    pipeline: `/${tenant}/numbers/pipeline`,
    approvals: `/${tenant}/agents/approvals`,
    functions: `/${tenant}/agents/functions`,
    playground: `/${tenant}/agents/do`,
    types: `/${tenant}/operate`,
    keys: `/${tenant}/operate/keys`,
    past: `/${tenant}?at=2026-02-01T00:00:00Z`,
  }
  const browser = await openChromium()
  for (const [name, path] of Object.entries(pages)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width: 1_280, height: 800 }, colorScheme, locale: 'en-GB' })
      await page.goto(`${server.url}/console${path}`)
      await page.locator('h1').first().waitFor()
      await page.locator('.skeleton').first().waitFor({ state: 'detached' })
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
      await page.close()
    }
  }
  await browser.close()
} finally {
  await server.stop()
  rmSync(dataFolder, { recursive: true, force: true })
}
