// How the embedded server starts and ends among other processes: signals, parents, and the lock of its data folder.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { startServer } from '../src/embedded/launcher.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-life-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const temporary = mkdtempSync(join(tmpdir(), 'headlessly-'))
afterAll(() => rmSync(temporary, { recursive: true, force: true }))
const repository = resolve(import.meta.dirname, '../../..')
const program = resolve(import.meta.dirname, '../bin/serve.js')

const waiting = { timeout: 20_000, interval: 50 }

interface Running {
  readonly child: ChildProcess
  readonly url: string
  readonly dataFolder: string
  readonly output: () => string
}

/** Resolves once the server prints its address. The child leads a process group of its own, as in a container. */
function run(name: string, command: readonly [string, ...string[]]): Promise<Running> {
  const dataFolder = join(folder, name)
  const [file, ...args] = command
  const child = spawn(file, [...args, '--port', '0', '--data', dataFolder], {
    cwd: repository,
    env: { ...process.env, TMPDIR: temporary },
    detached: true,
  })
  let output = ''
  return new Promise((done, reject) => {
    const read = (text: string): void => {
      output += text
      const url = /serves on (\S+),/.exec(output)?.[1]
      if (url !== undefined) done({ child, url, dataFolder, output: () => output })
    }
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read)
    child.once('exit', () => reject(new Error(`ended before it served: ${output}`)))
  })
}

const isUp = (url: string): Promise<boolean> =>
  fetch(`${url}/health`).then(
    (answer) => answer.ok,
    () => false,
  )

/** Checks that the port and the data folder are free, by starting another server with them. */
async function expectStopped({ url, dataFolder }: Running): Promise<void> {
  await vi.waitFor(async () => expect(await isUp(url)).toBe(false), waiting)
  const next = await startServer({ dataFolder, port: Number(new URL(url).port) })
  await next.stop()
}

/** The ids of the processes that `pid` started, and of those that they started. */
function descendants(pid: number): readonly number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  const rows = table.trim().split('\n')
  const children = rows.map((row) => row.trim().split(/\s+/).map(Number)).filter(([, parent]) => parent === pid)
  return children.flatMap(([child = 0]) => [child, ...descendants(child)])
}

const endings = [
  { signal: 'SIGTERM', to: 'npm' },
  { signal: 'SIGINT', to: 'npm' },
  { signal: 'SIGHUP', to: 'npm' },
  { signal: 'SIGKILL', to: 'npm' },
  { signal: 'SIGTERM', to: 'its process group' },
  { signal: 'SIGINT', to: 'its process group' },
] as const

test.concurrent.for(endings)(
  '$signal to $to stops a server started by npm start',
  { timeout: 40_000 },
  async ({ signal, to }) => {
    const server = await run(`npm-${signal}-${to}`, ['npm', 'start', '--'])
    const pid = server.child.pid ?? 0
    const started = descendants(pid)
    expect(started.length).toBeGreaterThanOrEqual(2)
    process.kill(to === 'npm' ? pid : -pid, signal)
    await expectStopped(server)
    await vi.waitFor(() => expect(started.filter(isRunning)).toEqual([]), waiting)
  },
)

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test.concurrent(
  'kill -9 of the launcher ends every workerd and frees the data folder',
  { timeout: 40_000 },
  async () => {
    const server = await run('killed', [process.execPath, program])
    // Starts a process that runs code.
    const headers = { 'content-type': 'application/json' }
    await fetch(`${server.url}/~acme/do`, { method: 'POST', headers, body: '{"code":"() => 1"}' })
    const started = descendants(server.child.pid ?? 0)
    server.child.kill('SIGKILL')
    await expectStopped(server)
    await vi.waitFor(() => expect(started.filter(isRunning)).toEqual([]), waiting)
  },
)

test.concurrent(
  'a second server on a folder is refused with a sentence, also through a link',
  { timeout: 20_000 },
  async () => {
    const first = await run('shared', [process.execPath, program])
    symlinkSync(first.dataFolder, join(folder, 'link'))
    const refused = (name: string): Promise<void> =>
      expect(run(name, [process.execPath, program])).rejects.toThrow(`${name} is in use by another server: stop`)
    await Promise.all([refused('shared'), refused('link')])
    expect(await isUp(first.url)).toBe(true)
    first.child.kill('SIGTERM')
    await expectStopped(first)
  },
)

test.concurrent(
  'a folder copied while its server runs holds data only, and starts beside it',
  { timeout: 20_000 },
  async () => {
    const original = await run('original', [process.execPath, program])
    const made = await fetch(`${original.url}/~acme/Contact`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"Ada"}',
    })
    expect(made.status).toBe(201)
    expect(readdirSync(original.dataFolder).toSorted()).toEqual(['lake', 'lake-secret', 'objects', 'secrets-keys'])
    // SQLite may delete a journal while the folder is copied, which a copy then misses.
    await vi.waitFor(() => {
      rmSync(join(folder, 'copy'), { recursive: true, force: true })
      cpSync(original.dataFolder, join(folder, 'copy'), { recursive: true })
    })
    const copy = await run('copy', [process.execPath, program])
    const found = await fetch(`${copy.url}/~acme/Contact?strong=true`)
    expect(await found.json()).toMatchObject({ results: [{ name: 'Ada' }] })
    for (const server of [original, copy]) {
      server.child.kill('SIGTERM')
      await expectStopped(server)
    }
  },
)

test.concurrent('the lock file and run folder of earlier versions are removed, whatever they name', async () => {
  const dataFolder = join(folder, 'former')
  mkdirSync(join(dataFolder, 'run'), { recursive: true })
  writeFileSync(join(dataFolder, 'lock'), JSON.stringify({ launcher: process.pid, workerd: process.pid }))
  const server = await startServer({ dataFolder, port: 0 })
  expect(readdirSync(dataFolder).toSorted()).toEqual(['lake', 'lake-secret', 'objects', 'secrets-keys'])
  await server.stop()
})

// Runs after the concurrent tests above, whose servers were stopped or killed.
test('servers leave no files outside their data folders, not even after kill -9', async () => {
  await vi.waitFor(() => expect(readdirSync(temporary).filter((name) => name.startsWith('headlessly-'))).toEqual([]))
})
