// The packages for npm: packed, installed in an empty folder without a registry, checked, used and bundled.

import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findProgram } from '../../../../checks/engines.ts'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { packAndInstall, runProgram as run } from './pack-workspace.ts'

const attw = findProgram('attw')
const root = resolve(import.meta.dirname, '../../../..')
const folder = mkdtempSync(join(tmpdir(), 'headlessly-pack-'))
const [tarballs, app] = [join(folder, 'tarballs'), join(folder, 'app')]
const { url, tenant } = useServer()

// Packing and installing take as long as the machine lets them.
beforeAll(() => packAndInstall(folder, ['sdk', 'crm', 'billing']), 600_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the package depends only on capnweb, and contains no other files of this workspace', () => {
  expect(readdirSync(join(app, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    '@headlessly',
    'capnweb',
  ])
  expect(readdirSync(join(app, 'node_modules/@headlessly')).toSorted()).toEqual(['billing', 'crm', 'sdk'])
  const sdk = join(app, 'node_modules/@headlessly/sdk')
  expect(readdirSync(sdk).toSorted()).toEqual(['lib', 'package.json'])
  const manifest = readFileSync(join(sdk, 'package.json'), 'utf8')
  expect(manifest).not.toMatch(/source|private|scripts|devDependencies/)
  expect(JSON.parse(manifest)).toMatchObject({ dependencies: { capnweb: expect.stringMatching(/^\d/) } })
  const files = readdirSync(join(sdk, 'lib'), { recursive: true, encoding: 'utf8' })
  expect(files.filter((name) => /\.test\.|\.map$|tsbuildinfo/.test(name))).toEqual([])
  for (const name of files.filter((name) => /\.(?:js|d\.ts)$/.test(name))) {
    const text = readFileSync(join(sdk, 'lib', name), 'utf8')
    const imports = [...text.matchAll(/(?:from |import\()['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '')
    for (const imported of imports.filter((one) => one !== 'digital-objects' || !name.startsWith('digital-objects'))) {
      if (imported === 'capnweb') continue
      expect(imported).toMatch(/^\.\.?\/.*\.js$/)
      expect(existsSync(join(sdk, 'lib', name, '..', imported))).toBe(true)
    }
  }
})

test('publint reports nothing', async () => {
  for (const name of readdirSync(tarballs)) {
    const publint = join(root, 'node_modules/.bin/publint')
    expect(await run(publint, [join(tarballs, name), '--strict'], { cwd: app })).toContain('All good')
  }
})

test.skipIf(attw === undefined)('attw reports nothing', async () => {
  for (const name of readdirSync(tarballs))
    // Throws if it reports anything.
    await run(attw ?? '', [join(tarballs, name), '--profile', 'esm-only'], { cwd: app })
})

test('a program outside this workspace compiles with the package, and runs', async () => {
  writeFileSync(
    join(app, 'program.ts'),
    `import { Contact } from '@headlessly/crm'
import { $, HeadlesslyError } from '@headlessly/sdk'
const ada = await Contact.create({ name: 'Ada', stage: 'Lead' })
const found: string | undefined = (await $.Contact.get(ada.$id, { include: ['deals'] }))?.deals[0]?.name
console.log(JSON.stringify([Contact === $.Contact, (await Contact.qualify(ada.$id)).stage, found ?? null]))
await Contact.create({ name: 'Ada', email: 'x' }).catch((error: unknown) => {
  if (error instanceof HeadlesslyError) console.log(error.errors[0]?.field)
})
`,
  )
  const compiler = join(root, 'node_modules/.bin/tsc')
  const flags =
    '--strict --module nodenext --target es2022 --lib ES2022,DOM,ESNext.Disposable,ES2018.AsyncIterable --types'
  // Without skipLibCheck, the package's declarations are checked as well.
  await run(compiler, [...flags.split(' '), '', 'program.ts'], { cwd: app })
  const env = { HEADLESSLY_TENANT: tenant(), HEADLESSLY_ENDPOINT: url() }
  expect(await run(process.execPath, ['program.js'], { cwd: app, env })).toBe('[true,"Qualified",null]\nemail\n')
})

test('a library that re-exports values of the client can emit declarations', async () => {
  writeFileSync(
    join(app, 'library.ts'),
    `import { Contact } from '@headlessly/crm'
import { $ } from '@headlessly/sdk'

export const contact = Contact.get('contact_0123456789AB')
export const id = contact.$id
export const organization = contact.organization
export const made = $.Contact.create({ name: 'Ada' })
export const found = Contact.find()
export const deals = Contact.find().map((contact) => contact.deals)
export const counted = $.do(async ($) => $.Contact.count())
export const load = (id: string) => Contact.get(id, { include: ['deals'] })
export const qualified = async () => Contact.find({ stage: 'Qualified' })
export const heard = async () => Contact.qualifiedBy('owner')
export const history = async (id: string) => Contact.history(id)
export const difference = async (id: string) => Contact.diff(id, { from: 1, to: 2 })
export const past = async (id: string) => Contact.rollback(id, { version: 1 })
`,
  )
  const compiler = join(root, 'node_modules/.bin/tsc')
  const flags =
    '--strict --declaration --emitDeclarationOnly --module nodenext --target es2022 --lib ES2024,DOM --types'
  await run(compiler, [...flags.split(' '), '', 'library.ts'], { cwd: app })
  expect(readFileSync(join(app, 'library.d.ts'), 'utf8')).not.toContain('digital-objects/')
})

/**
 * The minified and compressed bytes that a page loads before its first call. Not included are capnweb, which is loaded when
 * the first WebSocket is opened, and what few programs use: writes of many entities, subscriptions, downloads, functions.
 */
const budgets = [
  { program: "import { Contact } from '@headlessly/crm'; console.log(await Contact.find())", gzipMax: 30_300 },
  { program: "import { $ } from '@headlessly/sdk'; console.log(await $.Contact.find())", gzipMax: 61_300 },
  { program: "import '@headlessly/sdk'", gzipMax: 40 },
]

test.each(budgets)('bundled, `$program` has at most $gzipMax bytes, and works', async ({ program, gzipMax }) => {
  const { first } = await bundle(program)
  expect(gzipOf(Object.values(first))).toBeLessThan(gzipMax)
  const env = { HEADLESSLY_TENANT: tenant(), HEADLESSLY_ENDPOINT: url() }
  const expected = program.includes('find') ? '[]\n' : ''
  expect(await run(process.execPath, ['bundle/main.js'], { cwd: app, env })).toBe(expected)
})

test('capnweb is a separate chunk, which is not loaded before a WebSocket is opened', async () => {
  const program = (options: object): string => `
    import { Headlessly } from '@headlessly/sdk'
    const client = Headlessly(${JSON.stringify({ tenant: tenant(), endpoint: url(), ...options })})
    for (let count = 0; count < 20; count++) await client.Contact.count()
    console.log(await client.Contact.count().catch(({ code }) => code))
  `
  const { first, later } = await bundle(program({}))
  // The chunk contains the string that the others lack.
  const isCapnweb = (text: string): boolean => text.includes('remap')
  expect(Object.values(first).some(isCapnweb)).toBe(false)
  const [capnweb = [], others = []] = [true, false].map((is) =>
    Object.values(later).filter((text) => isCapnweb(text) === is),
  )
  expect(capnweb).toHaveLength(1)
  expect(gzipOf(capnweb)).toBeLessThan(15_200)
  // The sample company, and the parts of the client that few programs use.
  expect(gzipOf(others)).toBeLessThan(18_000)
  await bundle(program({ connection: 'websocket' }))
  expect(await run(process.execPath, ['bundle/main.js'], { cwd: app })).toBe('0\n')
  // If the chunk cannot be loaded, calls in quick succession continue over HTTP.
  for (const name of Object.keys((await bundle(program({}))).later)) rmSync(join(app, name))
  expect(await run(process.execPath, ['bundle/main.js'], { cwd: app })).toBe('0\n')
})

/** Bundles for a page: the modules that are loaded at once, and the chunks that may be loaded later. */
async function bundle(program: string): Promise<Record<'first' | 'later', Readonly<Record<string, string>>>> {
  rmSync(join(app, 'bundle'), { recursive: true, force: true })
  const { metafile } = await build({
    stdin: { contents: program, resolveDir: app },
    absWorkingDir: app,
    outdir: 'bundle',
    entryNames: 'main',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    metafile: true,
  })
  const first = new Set(['bundle/main.js'])
  for (const name of first)
    for (const { path, kind } of metafile.outputs[name]?.imports ?? []) if (kind === 'import-statement') first.add(path)
  const read = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, readFileSync(join(app, name), 'utf8')]))
  return { first: read([...first]), later: read(Object.keys(metafile.outputs).filter((name) => !first.has(name))) }
}

function gzipOf(files: readonly string[]): number {
  return files.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0)
}

test('the platform program runs completely from a minified bundle without eval, and exits by itself', async () => {
  for (const name of ['platform-program.ts', 'platform-main.ts'])
    cpSync(join(import.meta.dirname, name), join(app, name))
  await build({
    entryPoints: [join(app, 'platform-main.ts')],
    outfile: join(app, 'platform.js'),
    bundle: true,
    minify: true,
    format: 'esm',
  })
  const env = { HEADLESSLY_TENANT: tenant(), HEADLESSLY_ENDPOINT: url() }
  const told = await run(process.execPath, ['--disallow-code-generation-from-strings', 'platform.js'], {
    cwd: app,
    env,
  })
  const lines = told.trim().split('\n')
  expect(Date.now() - Number(lines.pop())).toBeLessThan(2_000)
  expect(lines.at(-1)).toBe('over fetch and WebSocket')
})

test('importing one entity bundles neither other entities nor descriptions', async () => {
  const { metafile, outputFiles } = await build({
    stdin: { contents: "import { Contact } from '@headlessly/crm'; console.log(Contact)", resolveDir: app },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    write: false,
    metafile: true,
  })
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  )
  expect(used.filter((file) => /nouns\/(?!effect-values)/.test(file)).map((file) => basename(file))).toEqual([
    'contact.js',
  ])
  expect(outputFiles[0]?.text).not.toContain('Full name as people address the contact')
  expect(used.some((file) => file.endsWith('default-client.js') || file.endsWith('event-stream.js'))).toBe(false)
})
