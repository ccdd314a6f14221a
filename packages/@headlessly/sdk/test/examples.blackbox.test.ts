// Every TypeScript block of every page compiles. Every block without the mark `ts no-run <reason>` runs against the shipped
// server, and prints the lines in its comments.

import { execFile } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { listPages, readMarkdownBlocks } from '../../../../test/markdown-blocks.ts'
import { Headlessly } from '../src/index.ts'

const root = resolve(import.meta.dirname, '../../../..')
const blocks = listPages().flatMap(readMarkdownBlocks)
const programs = blocks.filter(({ language }) => /^(ts|typescript)$/i.test(language))
const runs = programs.filter(({ info }) => info === '')
const notRun = programs.filter(({ info }) => info !== '')

/** The example of the architecture's page. Its id has another length than real ids. */
const published = `import { Contact } from '@headlessly/crm'
// Eventually consistent (fast, cached)
const contacts = await Contact.find({ stage: 'Lead' })
// Strongly consistent (reads from DO)
const contact = await Contact.get('contact_fX9bL5nRd', { strong: true })
// Point-in-time (replays events)
const historical = await Contact.get('contact_fX9bL5nRd', { asOf: '2026-01-15T10:00:00Z' })
`
const publishedId = 'contact_fX9bL5nRd'

const { url, tenant } = useServer()
const folder = mkdtempSync(join(tmpdir(), 'headlessly-examples-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Keeps the line numbers of the page, so that a compiler error can be found there. */
function write(place: string, text: string, line = 1): string {
  const file = `${place.replaceAll(/[^\w.-]/g, '_')}.ts`
  writeFileSync(join(folder, file), '\n'.repeat(line - 1) + text)
  return file
}

beforeAll(() => {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const { place, text, line } of programs) write(place, text, line)
  write('published', published)
})

describe('code in pages', () => {
  test('is marked as TypeScript if it is TypeScript', () => {
    expect(programs.length).toBeGreaterThan(5)
    const unmarked = blocks.filter(
      (block) =>
        /^([cm]?js|javascript|[jt]sx|[cm]ts)$/i.test(block.language) ||
        (!programs.includes(block) && /^import .* from ['"]/m.test(block.text)),
    )
    expect(unmarked.map(({ place }) => place)).toEqual([])
  })

  test('has a reason if it is not run, and these are all such blocks', () => {
    const known = ['docs/events-in.md']
    for (const { place, info } of notRun) expect(info, place).toMatch(/^no-run \S+ \S+/)
    expect(notRun.map(({ place }) => place.replace(/:\d+$/, ''))).toEqual(known)
  })

  test('compiles', async () => {
    const compilerOptions = {
      noEmit: true,
      strict: true,
      noPropertyAccessFromIndexSignature: true,
      skipLibCheck: true,
      module: 'nodenext',
      target: 'es2024',
      lib: ['ES2024', 'DOM', 'DOM.AsyncIterable'],
      types: ['node'],
      customConditions: ['source'],
      allowImportingTsExtensions: true,
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
    const { code, stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['--listFiles'])
    const said = stdout.trim().split('\n')
    expect(said.filter((line) => !isAbsolute(line))).toEqual([])
    expect(code).toBe(0)
    expect(said.filter((line) => dirname(line) === realpathSync(folder))).toHaveLength(programs.length + 1)
  })
})

describe('code that is run', () => {
  const ran = new Map<string, Ran>()
  beforeAll(async () => {
    const rest = runs.values()
    // Run two at a time, so that each process has a processor for itself while it starts.
    const work = async (): Promise<void> => {
      for (const { place, text, line } of rest) ran.set(place, await runProgram(write(`run ${place}`, own(text), line)))
    }
    await Promise.all([work(), work()])
  }, 180_000)

  test.each(runs)('$place prints the lines in its comments', ({ place, text }) => {
    const said = [...text.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, line]) => line)
    expect(ran.get(place)).toEqual({ code: 0, stdout: said.map((line) => `${line}\n`).join(''), stderr: '' })
  })
})

describe("the architecture's own example", () => {
  test('runs as published in a tenant of that age, and finds no entity with its id', async () => {
    const file = write('run published', `${published}console.log(contacts, contact, historical)\n`)
    const { tenant: slug } = await openOldTenant()
    expect(await runProgram(file, slug)).toEqual({ code: 0, stdout: '[] null null\n', stderr: '' })
  })

  test('is refused in a younger tenant, of which nothing is known at that time', async () => {
    const file = write('run published early', published)
    const { code, stderr } = await runProgram(file)
    expect([code, stderr]).toEqual([1, expect.stringContaining('before_history')])
  })

  test('returns an existing contact, in the present and in the newest state, and nothing from before its creation', async () => {
    const { tenant: slug, client } = await openOldTenant()
    const { $id } = await client.Contact.create({ name: 'Ada Lovelace' })
    const asked = published.replaceAll(publishedId, $id)
    const file = write('run published id', `${asked}console.log(contacts.length, contact?.name, historical)\n`)
    expect(await runProgram(file, slug)).toEqual({ code: 0, stdout: '1 Ada Lovelace null\n', stderr: '' })
  })
})

/** A tenant whose first event is of the beginning of 2026. */
async function openOldTenant() {
  const slug = tenant()
  const client = Headlessly({ tenant: slug, endpoint: url() })
  await client.clock.set('2026-01-01T00:00:00Z')
  await client.Organization.create({ name: 'Acme' })
  await client.clock.advance('P1M')
  return { tenant: slug, client }
}

/** Replaces the server and the names of tenants by those of this test. */
function own(text: string): string {
  const tenants = new Map<string, string>()
  return text.replaceAll('http://localhost:8787', url()).replaceAll(/(?<=\btenant: ')[\w-]+(?=')/g, (name) => {
    const slug = tenants.get(name) ?? tenant()
    tenants.set(name, slug)
    return slug
  })
}

function runProgram(file: string, slug = tenant()): Promise<Ran> {
  const env = { HEADLESSLY_TENANT: slug, HEADLESSLY_ENDPOINT: url() }
  return run(process.execPath, ['--conditions=source', '--no-warnings', file], env)
}

interface Ran {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

async function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  try {
    const options = { cwd: folder, env: { ...process.env, ...env }, timeout: 30_000 }
    return { code: 0, ...(await promisify(execFile)(program, args, options)) }
  } catch (error) {
    if (!isRan(error)) throw error
    const { stdout, stderr } = error
    return { code: error.code ?? error.signal ?? 'unknown', stdout, stderr }
  }
}

/** The error that `execFile` throws for a program that failed. */
function isRan(
  error: unknown,
): error is { code?: number | string | null; signal?: string | null; stdout: string; stderr: string } {
  return error instanceof Error && 'stdout' in error && 'stderr' in error
}
