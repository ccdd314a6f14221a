// `npm run check:clients`: generates clients from the OpenAPI document of the server that ships, with other people's
// generators, and lets a program in each language create, find, perform a verb, include a relation and meet a conflict.
// It also runs a linter on the document. It fails if a generator or the linter complains, or a program prints anything else
// than expected; a generator that is not installed is skipped, and said so.

import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { startServer } from '../../apps/headless.ly/src/embedded/launcher.ts'
import { findOnPath, findProgram } from '../engines.ts'

const run = promisify(execFile)
const maxBuffer = 64 * 1024 * 1024

const expected = `create 201 Ada Lead
find 1 Ada
verb Qualified
include Engines
conflict 412 precondition_failed
`

interface Place {
  /** Holds `openapi.json` and what is generated. */
  readonly folder: string
  readonly tenantUrl: string
}

interface Check {
  readonly name: string
  /** Undefined if a program that the check needs is not installed; `missing` says which. */
  readonly program: string | undefined
  readonly missing: string
  /** Returns the output that is compared. Throws if a program fails. */
  readonly check: (program: string, place: Place) => Promise<string>
  readonly expected: string
}

const npm = 'npm ci --prefix checks installs it'
const clients = join(import.meta.dirname, 'clients')
const esbuild = join(import.meta.dirname, '../../node_modules/.bin/esbuild')

const checks: readonly Check[] = [
  { name: 'redocly lint', program: findProgram('redocly'), missing: npm, check: lint, expected: '' },
  {
    name: 'openapi-typescript',
    program: findProgram('openapi-typescript'),
    missing: npm,
    check: openapiFetch,
    expected,
  },
  { name: 'hey-api', program: findProgram('openapi-ts'), missing: npm, check: heyApi, expected },
  {
    name: 'openapi-python-client',
    program: findOnPath('openapi-python-client'),
    missing: 'pip install openapi-python-client',
    check: python,
    expected,
  },
  { name: 'oapi-codegen', program: findOnPath('go'), missing: 'Go', check: go, expected },
]

const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-clients-'))
const server = await startServer({ dataFolder, port: 0 })
try {
  for (const [at, { name, program, missing, check, expected: lines }] of checks.entries()) {
    if (program === undefined) {
      console.log(`skipped: ${name} is not installed (${missing})`)
      continue
    }
    const output = await checkIn(check, program, `${server.url}/~client${at}`)
    const isExpected = output === lines
    console.log(`${isExpected ? 'passed' : 'FAILED'}: ${name}${isExpected ? '' : `\n${output}`}`)
    if (!isExpected) process.exitCode = 1
  }
} finally {
  await server.stop()
  rmSync(dataFolder, { recursive: true, force: true })
}

async function checkIn(check: Check['check'], program: string, tenantUrl: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-client-'))
  try {
    writeFileSync(join(folder, 'openapi.json'), await (await fetch(`${tenantUrl}/openapi`)).text())
    return await check(program, { folder, tenantUrl })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string }
    return `${String(error)}\n${stdout.slice(-4_000)}\n${stderr.slice(-4_000)}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The server's address is local, and the number of a commit is never the word plan. */
async function lint(program: string, { folder }: Place): Promise<string> {
  const args = [
    'lint',
    'openapi.json',
    '--format=json',
    '--skip-rule=no-server-example.com',
    '--skip-rule=no-ambiguous-paths',
  ]
  const { stdout } = await run(program, args, { cwd: folder, maxBuffer })
  const { problems } = JSON.parse(stdout) as { readonly problems: readonly { readonly message: string }[] }
  return problems.map(({ message }) => `${message}\n`).join('')
}

async function openapiFetch(program: string, place: Place): Promise<string> {
  mkdirSync(join(place.folder, 'generated'))
  await run(program, ['openapi.json', '-o', 'generated/schema.ts'], { cwd: place.folder, maxBuffer })
  return runTypescript('openapi-fetch.ts', place)
}

async function heyApi(program: string, place: Place): Promise<string> {
  await run(program, ['-i', 'openapi.json', '-o', 'generated'], { cwd: place.folder, maxBuffer })
  return runTypescript('hey-api.ts', place)
}

/** Checks the types of the client's program, and runs it. */
async function runTypescript(file: string, { folder, tenantUrl }: Place): Promise<string> {
  copyFileSync(join(clients, file), join(folder, 'client.ts'))
  symlinkSync(join(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'))
  const types = ['--strict', '--noEmit', '--skipLibCheck', '--allowImportingTsExtensions']
  const node = ['--types', 'node', '--typeRoots', join(import.meta.dirname, '../../node_modules/@types')]
  const modules = ['--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2022', '--lib', 'es2022,dom']
  await run(findProgram('tsc') ?? 'tsc', [...types, ...node, ...modules, 'client.ts'], { cwd: folder, maxBuffer })
  await run(esbuild, ['client.ts', '--bundle', '--platform=node', '--format=esm', '--outfile=client.mjs'], {
    cwd: folder,
  })
  const { stdout } = await run(process.execPath, ['client.mjs'], { cwd: folder, env: environment(tenantUrl) })
  return stdout
}

async function python(program: string, { folder, tenantUrl }: Place): Promise<string> {
  const output = ['--output-path', 'headless_ly_client', '--meta', 'none', '--fail-on-warning']
  // It knows lines of JSON and archives only as files.
  const asFiles = ['application/x-ndjson', 'application/x-tar'].map((type) => [type, 'application/octet-stream'])
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ content_type_overrides: Object.fromEntries(asFiles) }))
  await run(program, ['generate', '--path', 'openapi.json', '--config', 'config.json', ...output], {
    cwd: folder,
    maxBuffer,
  })
  // The generator's own Python has the packages that the client imports.
  const env = { ...environment(tenantUrl), PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' }
  const { stdout } = await run(join(dirname(program), 'python3'), [join(clients, 'client.py')], { env })
  return stdout
}

async function go(program: string, { folder, tenantUrl }: Place): Promise<string> {
  const env = environment(tenantUrl)
  for (const file of ['main.go', 'go.mod', 'go.sum']) copyFileSync(join(clients, 'go', file), join(folder, file))
  const generator = 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2'
  const args = ['run', generator, '-generate', 'types,client', '-package', 'main', '-o', 'client.go', 'openapi.json']
  await run(program, args, { cwd: folder, env, maxBuffer })
  const { stdout } = await run(program, ['run', '.'], { cwd: folder, env, maxBuffer })
  return stdout
}

function environment(tenantUrl: string): NodeJS.ProcessEnv {
  return { ...process.env, TENANT_URL: tenantUrl }
}
