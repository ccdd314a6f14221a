// The files of the console's build, and how much of them each page loads first.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../dist/console/console/assets')

export function consoleFiles(): readonly string[] {
  return readdirSync(folder).filter((name) => !/\.(?:br|gz)$/.test(name))
}

export function consoleFile(name: string): string {
  return join(folder, name)
}

/** Files of a language other than English, which the first page waits for. */
const textsOf = { en: [], de: ['messages-de', 'words-de'] } as const

/** Bytes of JavaScript by page, compressed as a browser asks for them: the entry, the page, its texts, and what they import. */
export function firstPageBytes(language: keyof typeof textsOf): Readonly<Record<string, number>> {
  const names = consoleFiles().filter((name) => name.endsWith('.js'))
  const entry = names.find((name) => name.startsWith('console-')) ?? ''
  const texts = textsOf[language].map((text) => names.find((name) => name.startsWith(`${text}-`)) ?? `missing ${text}`)
  const pages = names.filter((name) => /^(?:home|noun|record|start)-/.test(name))
  return Object.fromEntries(
    pages.map((page) => {
      const loaded = new Set<string>()
      for (const name of [entry, page, ...texts]) addImports(name, loaded)
      return [
        page.slice(0, page.indexOf('-')),
        [...loaded].reduce((sum, name) => sum + statSync(consoleFile(`${name}.br`)).size, 0),
      ]
    }),
  )
}

/** Static imports only; what is loaded on demand begins with `import(`. */
function addImports(name: string, loaded: Set<string>): void {
  if (loaded.has(name) || !existsSync(consoleFile(name))) return
  loaded.add(name)
  const text = readFileSync(consoleFile(name), 'utf8')
  for (const [, imported = ''] of text.matchAll(/(?:from|import)"\.\/([\w-]+\.js)"/g)) addImports(imported, loaded)
}
