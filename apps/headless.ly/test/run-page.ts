// Runs the shell blocks of a page in order, in one shell, as a reader would paste them.

import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { MarkdownBlock } from '../../../test/markdown-blocks.ts'

export interface PageRun {
  readonly blocks: readonly MarkdownBlock[]
  readonly url: string
  readonly dataFolder: string
  /** Makes the tenants of the page different from those of other pages. */
  readonly suffix: string
}

export interface BlockRun {
  readonly stdout: string
  readonly stderr: string
  /** Undefined if the shell did not reach the end of the block. */
  readonly exitCode: number | undefined
  /** The HTTP statuses of its requests by curl. */
  readonly statuses: readonly number[]
}

const cli = resolve(import.meta.dirname, '../../../packages/@headlessly/cli/bin/headlessly.js')

/** curl reports its headers to the test, and the command line is the one of this repository. */
const prelude = `set -e -o pipefail
curl() { command curl --silent --show-error --dump-header "$(mktemp "$BLOCK/headers-XXXXXX")" "$@"; }
headlessly() { "$NODE" "$CLI" "$@"; }
npx() { shift; headlessly "$@"; }
`

/** Returns what each block did, in the words of the page. */
export async function runPage(run: PageRun): Promise<readonly BlockRun[]> {
  const { blocks, url, dataFolder } = run
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-page-'))
  mkdirSync(join(folder, 'home'))
  mkdirSync(join(folder, 'work'))
  symlinkSync(dataFolder, join(folder, 'work/.headlessly'))
  const script = blocks.map(({ text }, at) => {
    const own = ownWords(run, text)
    mkdirSync(join(folder, String(at)))
    return `BLOCK='${join(folder, String(at))}'\n{\n${own}} >"$BLOCK/out" 2>"$BLOCK/err"\necho 0 >"$BLOCK/code"\n`
  })
  writeFileSync(join(folder, 'page.sh'), prelude + script.join(''))
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: join(folder, 'home'),
    NODE: process.execPath,
    CLI: cli,
    HEADLESSLY_ENDPOINT: url,
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
  }
  const options = { cwd: join(folder, 'work'), env, timeout: 50_000 }
  // A block that fails ends the shell; its files tell of it.
  await promisify(execFile)('bash', ['../page.sh'], options).catch(() => {})
  const runs = blocks.map((_, at) => readRun(run, join(folder, String(at))))
  rmSync(folder, { recursive: true, force: true })
  return runs
}

/** Replaces the server and the tenants of a page by those of the test. */
export function ownWords({ blocks, url, suffix }: PageRun, text: string): string {
  const own = text.replaceAll('http://localhost:8787', url).replaceAll('localhost:8787', new URL(url).host)
  return tenantsOf(blocks).reduce(
    (result, name) => result.replaceAll(new RegExp(`(?<![\\w@.-])${name}(?![\\w@.-])`, 'g'), `${name}${suffix}`),
    own,
  )
}

function pageWords({ blocks, url, suffix }: PageRun, text: string): string {
  const said = text.replaceAll(url, 'http://localhost:8787').replaceAll(new URL(url).host, 'localhost:8787')
  return tenantsOf(blocks).reduce((result, name) => result.replaceAll(`${name}${suffix}`, name), said)
}

/** The tenants that blocks name in a URL, a flag or a variable. */
export function tenantsOf(blocks: readonly MarkdownBlock[]): readonly string[] {
  const found = blocks.flatMap(({ text }) => [
    ...text.matchAll(/(?:(?<=[\d'"/])\/~|--tenant[ =]|HEADLESSLY_TENANT=)([a-z][a-z0-9-]+)/g),
  ])
  return [...new Set(found.map(([, name = '']) => name))]
}

function readRun(run: PageRun, folder: string): BlockRun {
  const read = (name: string): string =>
    existsSync(join(folder, name)) ? pageWords(run, readFileSync(join(folder, name), 'utf8')) : ''
  const headers = readdirSync(folder).filter((name) => name.startsWith('headers-'))
  const code = read('code').trim()
  return {
    stdout: read('out'),
    stderr: read('err'),
    exitCode: code === '' ? undefined : Number(code),
    statuses: headers.flatMap((name) => {
      const [, status] = [...read(name).matchAll(/^HTTP\/[\d.]+ (\d{3})/gm)].at(-1) ?? []
      return status === undefined ? [] : [Number(status)]
    }),
  }
}
