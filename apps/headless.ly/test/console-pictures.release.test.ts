// The pages of the console look as the pictures in the documentation show them.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { differenceOf, photographConsole, type Picture } from '../../../docs/generated/console-pictures.ts'
import { hasPackagedChromium, openPackagedChromium } from './chromium.ts'

const folder = join(import.meta.dirname, '../../../docs/images/console')
/** Times at which the sample was loaded are on some pages. */
const differenceMax = 0.01
const bytesMax = 2_400_000
/** A year of business is loaded before the first picture. */
const timeoutMs = 600_000

test('the pictures of the documentation are small', () => {
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  expect(bytes).toBeLessThan(bytesMax)
})

test.skipIf(!hasPackagedChromium)(
  'every page looks as its picture in the documentation',
  async () => {
    const pictures: Picture[] = []
    await photographConsole(async (picture) => void pictures.push(picture))
    expect(pictures.map(({ name }) => `${name}.png`).toSorted()).toEqual(readdirSync(folder).toSorted())
    const browser = await openPackagedChromium()
    try {
      const differing: string[] = []
      for (const { name, png } of pictures) {
        const part = await differenceOf(browser, png, readFileSync(join(folder, `${name}.png`)))
        if (part > differenceMax) differing.push(`${name}: ${(part * 100).toFixed(2)} % of the pixels`)
      }
      // If the pages were meant to change: npm run docs:screenshots
      expect(differing).toEqual([])
    } finally {
      await browser.close()
    }
  },
  timeoutMs,
)
