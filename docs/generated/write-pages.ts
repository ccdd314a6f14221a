// `npm run docs:write`: fills the generated sections of all pages. `--check` writes nothing, and fails if a page is stale,
// or if a section is on no page.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import { fillSections } from './fill-sections.ts'

// Sections read lists of code that runs in workerd only. The code is not called here.
const empty: Readonly<Record<string, string>> = {
  'cloudflare:workers': 'export class DurableObject {}',
  'cloudflare:sockets': 'export const connect = undefined',
}
registerHooks({
  resolve: (specifier, context, next) => {
    const source = Object.hasOwn(empty, specifier) ? empty[specifier] : undefined
    return source === undefined
      ? next(specifier, context)
      : { url: `data:text/javascript,${source}`, shortCircuit: true }
  },
})
const { sections } = await import('./sections.ts')

const isCheck = process.argv.includes('--check')
const folder = resolve(import.meta.dirname, '..')
const missing = new Set(Object.keys(sections))
for (const name of readdirSync(folder).filter((file) => file.endsWith('.md'))) {
  const file = join(folder, name)
  const page = readFileSync(file, 'utf8')
  const { text, names } = fillSections(page, sections)
  for (const section of names) missing.delete(section)
  if (text === page) continue
  if (isCheck) fail(`docs/${name} is stale: npm run docs:write`)
  else writeFileSync(file, text)
}
for (const name of missing) fail(`the section '${name}' is on no page`)

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}
