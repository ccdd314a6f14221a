// The generated sections of pages say what the code says, and no setting or entity is missing.

import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { nouns, serviceNouns } from 'digital-objects'
import { expect, test } from 'vitest'
import { fillSections } from '../docs/generated/fill-sections.ts'

const root = resolve(import.meta.dirname, '..')
const readPage = (name: string): string => readFileSync(resolve(root, 'docs', name), 'utf8')

test('every generated section is current: npm run docs:write makes them again', async () => {
  const program = resolve(root, 'docs/generated/write-pages.ts')
  const args = ['--conditions=source', '--no-warnings', program, '--check']
  const { stderr } = await promisify(execFile)(process.execPath, args).catch((error: { stderr: string }) => error)
  expect(stderr).toBe('')
})

test('a section is replaced between its comments, and an unknown name is an error', () => {
  const page = (text: string): string => `# Page\n\n<!-- generated: one -->\n\n${text}\n\n<!-- end -->\n\nRest.\n`
  const sections = { one: () => 'new' }
  expect(fillSections(page('old'), sections)).toEqual({ text: page('new'), names: ['one'] })
  expect(fillSections(page('new'), sections).text).toBe(page('new'))
  expect(() => fillSections(page(''), { other: () => '' })).toThrow("no section 'one': expected one of other")
})

test('the page of entities has a section for each, and a row with a description for each field and verb', () => {
  const sections = new Map(
    readPage('entities.md')
      .split(/^### /m)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf('\n')), text]),
  )
  expect([...sections.keys()]).toEqual([...Object.keys(nouns), ...Object.keys(serviceNouns)])
  for (const { $name, $definition } of Object.values({ ...nouns, ...serviceNouns })) {
    for (const [name, text] of Object.entries<string | null>($definition)) {
      const row = new RegExp(`^\\| \`${name}\` \\| .+ \\| [A-Z].+\\. \\|$`, 'm')
      if (text !== null) expect(sections.get($name), `${$name}.${name}`).toMatch(row)
    }
  }
})

test('the page of settings names each environment variable that shipped code reads', () => {
  const page = readPage('settings.md')
  const sources = globSync(['apps/*/{bin,src}/**/*.{ts,js}', 'packages/**/src/**/*.ts'], {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|dist)$|\.(test|suite)\.ts$/.test(path),
  })
  const names = new Set(
    sources.flatMap((file) => {
      const text = readFileSync(resolve(root, file), 'utf8')
      const read = [...text.matchAll(/\benv(?:ironment)?\['([A-Z][A-Z_]+)'\]/g)].map(([, name = '']) => name)
      return [...read, ...[...text.matchAll(/\bHEADLESSLY_[A-Z_]+\b/g)].map(([name]) => name)]
    }),
  )
  expect([...names]).toContain('HEADLESSLY_CONFIG')
  expect([...names].filter((name) => !name.endsWith('_') && !page.includes(`\`${name}\``))).toEqual([])
})
