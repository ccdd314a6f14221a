// Every program of README's "From code" compiles, runs against the server that ships, and prints what it says it does.

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../../../..')
const { url, tenant } = useServer()
const folder = mkdtempSync(join(tmpdir(), 'headlessly-readme-'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
afterAll(() => rmSync(folder, { recursive: true }))

const [, section = ''] = /^## From code\n(.*?)^## /ms.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
const programs = [...section.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = ''], at) => ({ file: `${at}.ts`, text }))

test('they compile', async () => {
  expect(programs.length).toBeGreaterThan(2)
  for (const { file, text } of programs) writeFileSync(join(folder, file), text)
  const flags =
    '--ignoreConfig --noEmit --strict --noPropertyAccessFromIndexSignature --module nodenext --target es2024'
  const more =
    '--customConditions source --allowImportingTsExtensions --skipLibCheck --lib ES2024,DOM,DOM.AsyncIterable'
  const files = programs.map(({ file }) => file)
  await run(join(root, 'node_modules/.bin/tsc'), [...`${flags} ${more}`.split(' '), ...files], { cwd: folder })
})

test.each(programs)('$file prints what its comments say', async ({ file, text }) => {
  const said = [...text.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, line]) => line)
  expect(said.length).toBeGreaterThan(0)
  const own = text
    .replaceAll('http://localhost:8787', url())
    .replaceAll(/tenant: '(\w+)'/g, () => `tenant: '${tenant()}'`)
  writeFileSync(join(folder, `run-${file}`), own)
  const env = { ...process.env, HEADLESSLY_TENANT: tenant(), HEADLESSLY_ENDPOINT: url() }
  const args = ['--conditions=source', '--no-warnings', `run-${file}`]
  const { stdout } = await run(process.execPath, args, { cwd: folder, env, timeout: 20_000 })
  expect(stdout.trim().split('\n')).toEqual(said)
})
