// The npm package: packed, installed without a registry in an empty folder, checked and used.

import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findProgram } from '../../../../checks/engines.ts'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { packAndInstall, runProgram } from '../../sdk/test/pack-workspace.ts'
import { version } from '../src/version.ts'

const attw = findProgram('attw')
const root = resolve(import.meta.dirname, '../../../..')
const folder = mkdtempSync(join(tmpdir(), 'headlessly-pack-cli-'))
const [tarballs, app] = [join(folder, 'tarballs'), join(folder, 'app')]
const { url, tenant } = useServer()

// Packing and installing take as long as the machine lets them.
beforeAll(() => packAndInstall(folder, ['sdk', 'cli']), 600_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('npm installs nothing else, and the package contains nothing else of this workspace', () => {
  expect(readdirSync(join(app, 'node_modules/@headlessly')).toSorted()).toEqual(['cli', 'sdk'])
  const cli = join(app, 'node_modules/@headlessly/cli')
  expect(readdirSync(cli).toSorted()).toEqual(['bin', 'lib', 'package.json'])
  const manifest = readFileSync(join(cli, 'package.json'), 'utf8')
  expect(manifest).not.toMatch(/source|private|scripts|devDependencies/)
  expect(JSON.parse(manifest)).toMatchObject({ version })
  const files = readdirSync(join(cli, 'lib'), { recursive: true, encoding: 'utf8' })
  expect(files.filter((name) => /\.test\.|\.map$|tsbuildinfo|mjs$/.test(name))).toEqual([])
})

test('publint finds no problem', async () => {
  const publint = join(root, 'node_modules/.bin/publint')
  expect(await runProgram(publint, [cliTarball(), '--strict'], { cwd: app })).toContain('All good')
})

test.skipIf(attw === undefined)('attw finds no problem', async () => {
  // Throws with the problems found.
  await runProgram(attw ?? '', [cliTarball(), '--profile', 'esm-only'], { cwd: app })
})

function cliTarball(): string {
  return join(tarballs, readdirSync(tarballs).find((name) => name.includes('-cli-')) ?? '')
}

test('npx runs it, and serve says which package is missing', async () => {
  const env = { HOME: folder, HEADLESSLY_TENANT: tenant(), HEADLESSLY_ENDPOINT: url() }
  const npx = (...words: readonly string[]): Promise<string> =>
    runProgram('npx', ['--no', '--', 'headlessly', ...words], { cwd: app, env })
  expect(await npx('--version')).toBe(`${version}\n`)
  await npx('Contact.create', '--name', 'Ada')
  expect(await npx('Contact.count')).toBe('1\n')
  await expect(npx('serve')).rejects.toThrow('no server is installed: install the package headless.ly beside')
})

test('serve runs the server if its package is installed', async () => {
  symlinkSync(join(root, 'apps/headless.ly'), join(app, 'node_modules/headless.ly'))
  const env = { HOME: folder }
  // The server refuses its port, which shows that it was found and started.
  await expect(
    runProgram('npx', ['--no', '--', 'headlessly', 'serve', '--port', 'none'], { cwd: app, env }),
  ).rejects.toThrow("expected a port from 0 to 65535, got 'none'")
})

test('a program can call it in process', async () => {
  writeFileSync(
    join(app, 'program.js'),
    `import { run } from '@headlessly/cli'
const code = await run(['Contact.crate'], { stdout: process.stdout, stderr: process.stdout, env: {} })
console.log(code)
`,
  )
  expect(await runProgram(process.execPath, ['program.js'], { cwd: app })).toContain(
    "did you mean 'create'?\nsee headlessly help Contact\n2\n",
  )
})
