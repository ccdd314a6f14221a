// Writes the pictures of the console that docs/console.md shows: `npm run docs:screenshots`, or
// `npm run docs:screenshots -- home list` for some.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildIfStale } from '../../apps/headless.ly/build.js'
import { photographConsole } from './console-pictures.ts'

const folder = join(import.meta.dirname, '../images/console')

await buildIfStale()
mkdirSync(folder, { recursive: true })
await photographConsole(async ({ name, png }) => {
  writeFileSync(join(folder, `${name}.png`), png)
  console.log(`${name}: ${Math.round(png.length / 1_024)} KB`)
}, process.argv.slice(2))
