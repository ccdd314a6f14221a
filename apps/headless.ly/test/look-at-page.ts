// Faults in the look of a page of the console: violations that axe finds in either theme, and content that is wider than a small phone.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const narrow = { width: 320, height: 640 }
const wide = { width: 1_280, height: 800 }

/** Waits until the page has its content. Returns a sentence for each fault. */
export async function faultsOfPage(page: Page, address: string): Promise<readonly string[]> {
  await page.setViewportSize(wide)
  await page.goto(address)
  await page.locator('h1').first().waitFor()
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
  await page.emulateMedia({ colorScheme: 'light' })
  await page.evaluate(axe)
  const light = await violations(page, 'axe.run()')
  // A theme changes nothing but colours.
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await violations(page, "axe.run({ runOnly: { type: 'rule', values: ['color-contrast'] } })")
  await page.setViewportSize(narrow)
  const width = await page.evaluate('document.documentElement.scrollWidth')
  return [
    ...light.map((fault) => `${address} in light: ${fault}`),
    ...dark.map((fault) => `${address} in dark: ${fault}`),
    ...(width === narrow.width ? [] : [`${address} is ${String(width)} pixels wide`]),
  ]
}

async function violations(page: Page, run: string): Promise<readonly string[]> {
  const found = await page.evaluate(
    `${run}.then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html.slice(0, 200)).join(" ")))`,
  )
  return found as readonly string[] // of the expression
}
