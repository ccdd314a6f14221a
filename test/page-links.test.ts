// Links between pages lead somewhere, and each page of the documentation is in its index.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { listPages } from './markdown-blocks.ts'

const root = resolve(import.meta.dirname, '..')
const pages = new Map(listPages().map((page) => [page, readFileSync(join(root, page), 'utf8')]))
/** Pages of the documentation, without decisions. */
const documentation = [...pages.keys()].filter((page) => /^docs\/[\w-]+\.md$/.test(page) && page !== 'docs/README.md')

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): readonly string[] {
  const text = (pages.get(page) ?? '').replaceAll(/^(```|~~~)[^]*?^\1/gm, '')
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  )
}

/** Targets of links that are relative to the page. */
function linksOf(page: string): readonly string[] {
  const text = (pages.get(page) ?? '').replaceAll(/^(```|~~~)[^]*?^\1/gm, '')
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => !/^[a-z]+:/.test(target))
}

test('each relative link leads to a file, and to a heading in it', () => {
  const broken = [...pages.keys()].flatMap((page) =>
    linksOf(page).flatMap((target) => {
      const [file = '', anchor] = target.split('#')
      const path = file === '' ? page : relative(root, resolve(root, dirname(page), file))
      const isThere = existsSync(join(root, path)) && (anchor === undefined || anchorsOf(path).includes(anchor))
      return isThere ? [] : [`${page}: ${target}`]
    }),
  )
  expect(broken).toEqual([])
  expect([...pages.keys()].flatMap(linksOf).length).toBeGreaterThan(100)
})

test('the index of the documentation links each of its pages', () => {
  const linked = linksOf('docs/README.md').map((target) => `docs/${target.split('#')[0]}`)
  expect(documentation.filter((page) => !linked.includes(page))).toEqual([])
})

test('each page of the documentation has one title, followed by a sentence about it', () => {
  for (const page of documentation) {
    expect(pages.get(page), page).toMatch(/^# [^\n]+\n\n[A-Z`][^\n]*[.:](?: |\n)/)
    expect(anchorsOf(page).length, page).toBeGreaterThan(1)
    const titles = (pages.get(page) ?? '').replaceAll(/^```[^]*?^```/gm, '').match(/^# /gm)
    expect(titles, page).toHaveLength(1)
  }
})

test.each([
  'authentication',
  'audit log',
  'backup',
  'bulk insert',
  'cache',
  'CORS',
  'full-text search',
  'idempotency',
  'optimistic locking',
  'pagination',
  'rate limit',
  'retry',
  'soft delete',
  'timeout',
  'TLS',
  'transactions',
  'webhook',
])('a search for %s finds a page', (word) => {
  const found = documentation.filter((page) => pages.get(page)?.toLowerCase().includes(word.toLowerCase()) === true)
  expect(found.length).toBeGreaterThan(0)
})
