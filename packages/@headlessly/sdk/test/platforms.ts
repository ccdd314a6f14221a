// Runs the platform program, with the packages as packed for npm, on every Node, Deno, Bun and browser on PATH, against the
// shipped server. Prints which platforms ran and which were not found.
//
//   npm run test:platforms

import { execFile, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { buildIfStale } from '../../../../apps/headless.ly/build.js'
import { openPages } from '../../../../apps/headless.ly/test/browser-pages.ts'
import { startServer } from '../../../../apps/headless.ly/src/embedded/launcher.ts'
import { packAndInstall, runProgram } from './pack-workspace.ts'
import { runInBrowser } from './platform-page.ts'

interface Platform {
  /** Names of its executable; runs the first one found, or all of them. */
  readonly names: readonly string[]
  /** The arguments of each run. A page has none. */
  readonly runs?: readonly (readonly string[])[]
  readonly areAllRun?: true
}

const platforms: readonly Platform[] = [
  {
    names: ['node'],
    areAllRun: true,
    runs: [['platform-main.js'], ['--disallow-code-generation-from-strings', 'platform-main.js']],
  },
  {
    names: ['deno'],
    runs: [
      ['check', 'platform-main.ts'],
      ['run', '--allow-net', '--allow-env', 'platform-main.ts'],
    ],
  },
  { names: ['bun'], runs: [['platform-main.ts']] },
  { names: ['chromium', 'chromium-browser', 'google-chrome'] },
  { names: ['firefox', 'firefox-esr'] },
]

/** Limits the run after its last line. A program exits when its connection has been idle for 0.3 s. */
const endMsMax = 1_000

const folder = mkdtempSync(join(tmpdir(), 'headlessly-platforms-'))
let failures = 0
try {
  await buildIfStale()
  const server = await startServer({ dataFolder: join(folder, 'data'), port: 0 })
  try {
    const app = await install()
    for (const platform of platforms) await runOn(platform, { app, endpoint: server.url })
  } finally {
    await server.stop()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit(failures === 0 ? 0 : 1)

/** Prepares a folder with the installed packages and the program in TypeScript and JavaScript. */
async function install(): Promise<string> {
  const { app } = await packAndInstall(folder, ['sdk', 'crm'])
  for (const file of ['platform-program.ts', 'platform-main.ts'])
    cpSync(join(import.meta.dirname, file), join(app, file))
  const compiler = resolve(import.meta.dirname, '../../../../node_modules/.bin/tsc')
  const flags = '--strict --module nodenext --target es2022 --rewriteRelativeImportExtensions --types'
  const libraries = ['--lib', 'ES2022,DOM,ESNext.Disposable,ES2018.AsyncIterable']
  await runProgram(compiler, [...flags.split(' '), '', ...libraries, 'platform-main.ts'], { cwd: app })
  return app
}

async function runOn(platform: Platform, where: { readonly app: string; readonly endpoint: string }): Promise<void> {
  const { names, runs, areAllRun } = platform
  const found = findOnPath(names)
  if (found.length === 0) console.log(`${names[0]}: not on PATH, skipped`)
  for (const [at, executable] of (areAllRun === true ? found : found.slice(0, 1)).entries()) {
    const { stdout } = spawnSync(executable, ['--version'], { encoding: 'utf8' })
    const title = `${names[0]} ${/\d[\w.]*/.exec(stdout)?.[0] ?? ''}`
    const tenant = `on-${names[0]}-${at}`
    if (runs === undefined) {
      const told = await runInBrowser(executable, { ...where, tenant })
      report(title, { isFine: told.includes('over fetch and WebSocket'), told })
      if (names[0] === 'chromium') await openServerPages(title, { executable, endpoint: where.endpoint, tenant })
    }
    for (const [run, args] of (runs ?? []).entries()) {
      const env = { ...process.env, HEADLESSLY_ENDPOINT: where.endpoint, HEADLESSLY_TENANT: `${tenant}-${run}` }
      const result = await outcomeOf(executable, args, { cwd: where.app, env })
      const lines = result.stdout.trim().split('\n')
      const endMs = args[0] === 'check' ? 0 : Date.now() - Number(lines.pop())
      const isFine = result.status === 0 && endMs <= endMsMax
      const told = `${lines.join('\n')}\n${isFine ? '' : result.stderr}ended after ${endMs} ms`
      report(`${title} ${args.join(' ')}`, { isFine, told })
    }
  }
}

async function openServerPages(
  title: string,
  { executable, endpoint, tenant }: { readonly executable: string; readonly endpoint: string; readonly tenant: string },
): Promise<void> {
  const paths = ['/', `/~${tenant}`, '/~nobody', '/docs/quickstart']
  const wrong = await openPages(executable, { endpoint, paths })
  report(`${title} pages`, {
    isFine: wrong.length === 0,
    told: wrong.length === 0 ? paths.join(' ') : wrong.join('\n'),
  })
}

interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** It blocks nothing, since this process is the launcher of the server that the program talks to. */
function outcomeOf(
  executable: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(executable, args, { ...options, timeout: 60_000 }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    )
    child.stdin?.end()
  })
}

function report(title: string, { isFine, told }: { readonly isFine: boolean; readonly told: string }): void {
  if (!isFine) failures++
  const lines = told.trim().split('\n')
  console.log(isFine ? `${title}: ran, ${lines.slice(-2).join(', ')}` : `${title}: FAILED\n${told}`)
}

/** Lists each executable once, even if several links lead to it. */
function findOnPath(names: readonly string[]): readonly string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const files = names.flatMap((name) => folders.map((one) => join(one, name))).filter((file) => existsSync(file))
  const targets = new Map(files.map((file) => [realpathSync(file), file]))
  return [...targets.values()]
}
