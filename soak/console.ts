// The console in a real browser, before a large business: measures a list of many contacts, opens ten tabs at once, watches the
// memory of a page under live updates, and kills the server under an open page.
//
//   npm run soak:console -- --contacts 100000 --activities 36000 --minutes 60
//   npm run soak:console -- --parts list,tabs

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Client, Headlessly } from '@headlessly/sdk'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { type Server, startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { openChromium } from '../apps/headless.ly/test/chromium.ts'
import { killServer, sleep } from './kill-server.ts'

const large = 'large'
const limits = { firstRowsMs: 1_000, taskMs: 50, sliderMs: 300 }
const tabs = 10
const updatesPerSecond = 4

interface Soaked {
  readonly server: Server
  readonly browser: Browser
}

async function openPage(browser: Browser | BrowserContext, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1_280, height: 800 }, locale: 'en-GB' })
  page.setDefaultTimeout(60_000)
  page.on('pageerror', (error) => fail(`${url}: ${error.message}`))
  await page.goto(url)
  await page.locator('h1').first().waitFor()
  return page
}

function fail(message: string): void {
  console.error(`FAILED ${message}`)
  process.exitCode = 1
}

interface Filling {
  readonly contacts: number
  readonly activities: number
}

async function fillLarge(server: Server, { contacts, activities }: Filling): Promise<void> {
  const client = Headlessly({ tenant: large, endpoint: server.url })
  await importRows(client, {
    type: 'Contact',
    head: 'name,email',
    rows: contacts,
    rowOf: (at) => `Contact ${at},contact${at}@example.com`,
  })
  await importRows(client, {
    type: 'Activity',
    head: 'subject,type',
    rows: activities,
    rowOf: (at) => `Call ${at},Call`,
  })
  await settle(client)
}

const settleMsMax = 300_000

/** The import has been written to files and indexes, as that of a business that begins its day. */
async function settle(client: Client): Promise<void> {
  const startMs = Date.now()
  for (;;) {
    const { files, jobs } = await client.status()
    const isIdle = (files?.lagEvents ?? 0) === 0 && jobs.every(({ state }) => state === 'idle' || state === 'waiting')
    if (isIdle) return console.log(`the server has settled after ${Math.round((Date.now() - startMs) / 1_000)} s`)
    if (Date.now() > startMs + settleMsMax) return fail('the server did not settle after the import')
    await sleep(1_000)
  }
}

interface Rows {
  readonly type: 'Contact' | 'Activity'
  readonly head: string
  readonly rows: number
  readonly rowOf: (at: number) => string
}

async function importRows(client: Client, { type, head, rows, rowOf }: Rows): Promise<void> {
  const startMs = performance.now()
  const text = [head, ...Array.from({ length: rows }, (_, at) => rowOf(at)), ''].join('\n')
  const job = await client.imports.run(type, text, { file: 'rows.csv' })
  if (job.state !== 'done' || job.refused > 0) throw new Error(JSON.stringify(job))
  console.log(`${rows} rows of ${type} imported in ${Math.round((performance.now() - startMs) / 1_000)} s`)
}

async function measureList({ server, browser }: Soaked): Promise<Readonly<Record<string, number>>> {
  const startMs = performance.now()
  const page = await openPage(browser, `${server.url}/console/${large}/Contact`)
  await page.locator('[data-cell="0.1"]').waitFor()
  const firstRowsMs = performance.now() - startMs
  const taskMs = Number(
    await page.evaluate(`new Promise((resolve) => {
      let longest = 0
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest = Math.max(longest, duration)
      }).observe({ type: 'longtask' })
      const grid = document.querySelector('.grid')
      let frames = 0
      const step = () => {
        grid.scrollTop += 120
        if (++frames < 400) requestAnimationFrame(step)
        else setTimeout(() => resolve(longest), 500)
      }
      step()
    })`),
  )
  const slider = page.getByRole('slider')
  await slider.focus()
  const slidMs = performance.now()
  await page.keyboard.press('ArrowLeft')
  await page.getByText('Nothing can be changed there').waitFor()
  const sliderMs = performance.now() - slidMs
  await page.close()
  return { firstRowsMs, taskMs, sliderMs }
}

/** Browsers open six connections to a server for all tabs: each of ten shows its rows, and hears of a change. */
async function openTabs({ server, browser }: Soaked): Promise<void> {
  const client = Headlessly({ tenant: large, endpoint: server.url })
  const context = await browser.newContext({ viewport: { width: 1_280, height: 800 }, locale: 'en-GB' })
  const startMs = performance.now()
  const pages: Page[] = []
  for (let at = 0; at < tabs; at++) pages.push(await openPage(context, `${server.url}/console/${large}/Contact`))
  await Promise.all(pages.map((page) => page.locator('[data-cell="0.1"]').waitFor()))
  console.log(`${tabs} tabs have rows after ${Math.round(performance.now() - startMs)} ms`)
  const { $id: id } = await client.Contact.create({ name: 'Heard in every tab' })
  const heardMs = performance.now()
  await Promise.all(pages.map((page) => page.getByText('Heard in every tab').first().waitFor()))
  console.log(`${tabs} tabs have heard of a change after ${Math.round(performance.now() - heardMs)} ms`)
  await client.Contact.delete(id)
  await context.close()
}

/** The memory of a page after a collection of garbage. */
interface Held {
  readonly heapMb: number
  readonly nodes: number
  readonly listeners: number
}

/** A page that lives for long while others write holds no more in the second half of the time than in the first. */
async function watchMemory({ server, browser }: Soaked, minutes: number): Promise<void> {
  const client = Headlessly({ tenant: large, endpoint: server.url })
  const page = await openPage(browser, `${server.url}/console/${large}/Contact?sort=-$updatedAt&cols=name,title`)
  await page.locator('[data-cell="0.1"]').waitFor()
  const session = await page.context().newCDPSession(page)
  const held = async (): Promise<Held> => {
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize } = await session.send('Runtime.getHeapUsage')
    const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters')
    return { heapMb: usedSize / 2 ** 20, nodes, listeners: jsEventListeners }
  }
  const ids = (await client.Contact.find({}, { limit: 50, strong: true })).map(({ $id }) => $id)
  const everyMs = (minutes * 60_000) / samplesOfMemory
  const samples: Held[] = []
  let updates = 0
  for (let nextMs = Date.now() + warmingMs + everyMs; samples.length < samplesOfMemory;) {
    await client.Contact.update(ids[updates % ids.length] ?? '', { title: `Title ${++updates}` })
    await sleep(1_000 / updatesPerSecond)
    if (Date.now() < nextMs) continue
    samples.push(await held())
    nextMs += everyMs
  }
  await page.getByText(`Title ${updates}`).first().waitFor()
  console.log(`after each of ${samples.length} parts of ${minutes} min with ${updates} live updates:`)
  for (const name of ['heapMb', 'nodes', 'listeners'] as const) compareHalves(samples, name)
  await page.close()
}

const samplesOfMemory = 48
/** Code is compiled, and caches fill, in the first minutes. */
const warmingMs = 150_000
/** The least of two halves differ by some tenths of a megabyte without any reason. */
const growthMax: Held = { heapMb: 0.5, nodes: 20, listeners: 5 }

/**
 * Compares the least that each half of the time held: what a leak keeps is in every later sample, and what a render or a cache
 * holds for some minutes is not. The heap of an idle engine rises and falls by some megabytes in half an hour.
 */
function compareHalves(samples: readonly Held[], name: keyof Held): void {
  const values = samples.map((sample) => sample[name])
  const half = values.length / 2
  const [first, last] = [Math.min(...values.slice(0, half)), Math.min(...values.slice(half))]
  console.log(`${name}: ${values.map((value) => value.toFixed(name === 'heapMb' ? 1 : 0)).join(' ')}`)
  console.log(`${name}: at least ${first.toFixed(2)} in the first half, ${last.toFixed(2)} in the second`)
  if (!(last - first <= growthMax[name])) fail(`${name} has grown by ${(last - first).toFixed(2)}`)
}

/** An edit that is made while the server is away says so, stays in its field, and is saved once the server is back. */
async function killUnderPage({ server, browser }: Soaked): Promise<void> {
  const page = await openPage(browser, `${server.url}/console/${large}/Contact?sort=name`)
  await page.locator('[data-cell="0.1"]').waitFor()
  await page.locator('[data-cell="0.1"]').focus()
  await page.keyboard.press('Enter')
  const editor = page.getByLabel('Edit Name')
  await editor.fill('Aaron of the storm')
  const back = killServer(server)
  await page.keyboard.press('Enter')
  await back
  if ((await editor.count()) > 0) await editor.press('Enter')
  await page.getByText('Aaron of the storm').first().waitFor()
  const client = Headlessly({ tenant: large, endpoint: server.url })
  const saved = await client.Contact.count({ name: 'Aaron of the storm' }, { strong: true })
  if (saved !== 1) fail(`the edit over a crash was saved ${saved} times`)
  await page.close()
}

async function measureLarge({ server, browser }: Soaked): Promise<void> {
  const measured = await measureList({ server, browser })
  for (const [name, max] of Object.entries(limits)) {
    const value = Math.round(measured[name] ?? NaN)
    console.log(`${name}: ${value} of at most ${max}`)
    if (!(value <= max)) fail(`${name} is ${value}`)
  }
}

const partNames = ['list', 'tabs', 'memory', 'kill'] as const
const { values } = parseArgs({
  options: {
    contacts: { type: 'string', default: '100000' },
    activities: { type: 'string', default: '36000' },
    minutes: { type: 'string', default: '60' },
    parts: { type: 'string', default: partNames.join() },
  },
})
const parts = new Set(values.parts.split(','))
await buildIfStale()
const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-console-'))
const server = await startServer({ dataFolder, port: 0 })
const browser = await openChromium()
const soaked = { server, browser }
try {
  const filling = { contacts: Number(values.contacts), activities: Number(values.activities) }
  if (['list', 'tabs', 'memory', 'kill'].some((part) => parts.has(part))) await fillLarge(server, filling)
  if (parts.has('list')) await measureLarge(soaked)
  if (parts.has('tabs')) await openTabs(soaked)
  if (parts.has('memory')) await watchMemory(soaked, Number(values.minutes))
  if (parts.has('kill')) await killUnderPage(soaked)
  console.log(`done: ${[...parts].join()}`)
} finally {
  await browser.close()
  await server.stop()
  rmSync(dataFolder, { recursive: true, force: true })
}
