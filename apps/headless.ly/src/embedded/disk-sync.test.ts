import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DiskReport, type DiskSync, serveDiskSync } from './disk-sync.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-sync-'))
const [lakeFolder, socketFile] = [join(folder, 'lake'), join(folder, 'sync.sock')]
const space = (): Promise<DiskReport> =>
  Promise.resolve({
    isFull: false,
    isExhausted: false,
    freeBytes: 2,
    neededBytes: 1,
    isDamaged: false,
    clockOffsetMs: 0,
  })
const canTrace = spawnSync('strace', ['-V'], { stdio: 'ignore' }).status === 0
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Answer {
  readonly status: number
  readonly text: string
}

interface Target {
  readonly method?: string
  readonly path?: string
  /** A larger content-length than the bytes sent: the answer must come before the rest. */
  readonly announcedBytes?: number
}

function call(body: string, target: Target = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'POST', path = '/sync', announcedBytes } = target
    const headers = { 'content-length': announcedBytes ?? Buffer.byteLength(body) }
    const sent = request({ socketPath: socketFile, method, path, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, text })
        if (announcedBytes !== undefined) sent.destroy()
      })
    })
    sent.on('error', reject).write(body)
    if (announcedBytes === undefined) sent.end()
  })
}

const sync = (keys: unknown): Promise<Answer> => call(JSON.stringify({ keys }))

describe('a running sync', () => {
  let diskSync: DiskSync

  beforeEach(async () => {
    mkdirSync(join(lakeFolder, 'acme', 'Deal'), { recursive: true })
    writeFileSync(join(lakeFolder, 'acme', 'Deal', '1.parquet'), 'x')
    writeFileSync(join(lakeFolder, 'top'), '')
    writeFileSync(join(folder, 'outside'), 'x')
    diskSync = await serveDiskSync({ lakeFolder, socketFile, space })
  })
  afterEach(() => diskSync.stop())

  test('existing files are synced', async () => {
    expect(await sync(['acme/Deal/1.parquet', 'top', 'top'])).toEqual({ status: 204, text: '' })
    expect(await sync([])).toEqual({ status: 204, text: '' })
  })

  test('a missing file is an error, and so is anything that is not a file', async () => {
    for (const key of ['missing', 'acme/missing/x', 'top/x', 'acme', 'acme/Deal']) {
      const answer = await sync(['top', key])
      expect(answer).toMatchObject({ status: 404, text: expect.stringContaining(key) })
    }
  })

  test('an invalid key is refused, so nothing outside the lake can be reached', async () => {
    const keys = ['../outside', 'acme/../../outside', '..', '.', '', '/etc/passwd', 'acme//Deal', 'a b', 'a\\b', 'a\0b']
    for (const key of [...keys, 'x'.repeat(513)]) {
      expect(await sync([key])).toMatchObject({ status: 400, text: expect.stringContaining('is not an object key') })
    }
  })

  test('a body of another shape is refused', async () => {
    for (const body of ['', 'top', '[]', 'null', '{}', '{"keys":"top"}', '{"keys":[1]}', '{"keys":["top",null]}']) {
      expect([body, (await call(body)).status]).toEqual([body, 400])
    }
  })

  test('more than 1,000 keys or a megabyte are refused, 1,000 are not', async () => {
    expect(await sync(Array.from({ length: 1_001 }, () => 'top'))).toMatchObject({ status: 400 })
    expect(await sync(Array.from({ length: 1_000 }, () => 'top'))).toMatchObject({ status: 204 })
    expect(await call(' ', { announcedBytes: 2 ** 20 + 1 })).toMatchObject({ status: 413 })
    expect(await sync(['top'])).toMatchObject({ status: 204 })
  })

  test('only POST /sync is served', async () => {
    expect(await call('{"keys":[]}', { method: 'PUT' })).toMatchObject({ status: 404 })
    expect(await call('{"keys":[]}', { path: '/other' })).toMatchObject({ status: 404 })
  })

  test.runIf(canTrace)('each file and each folder on its path is fsynced before the answer', async () => {
    mkdirSync(join(lakeFolder, 'globex'), { recursive: true })
    writeFileSync(join(lakeFolder, 'globex', '2'), 'x')
    const traceFile = join(folder, 'trace')
    const calls = 'trace=fsync,fdatasync,write,writev,sendto,sendmsg'
    const tracer = spawn('strace', ['-f', '-y', '-e', calls, '-o', traceFile, '-p', String(process.pid)])
    await attached(tracer)
    expect(await sync(['acme/Deal/1.parquet', 'globex/2'])).toMatchObject({ status: 204 })
    tracer.kill('SIGINT')
    await once(tracer, 'exit')
    const trace = readFileSync(traceFile, 'utf8')
    const beforeAnswer = trace.slice(0, trace.indexOf('HTTP/1.1 204'))
    const synced = [...beforeAnswer.matchAll(/fsync\(\d+<([^>]*)>/g)].map(([, path]) => String(path))
    expect(synced.slice(0, 2).toSorted()).toEqual(['acme/Deal/1.parquet', 'globex/2'].map(inLake))
    expect(synced.slice(2).toSorted()).toEqual(
      ['acme', 'acme/Deal', 'globex'].map(inLake).concat(lakeFolder).toSorted(),
    )
  })
})

describe('the socket', () => {
  test('left by a dead launcher is replaced, and removed on stop', async () => {
    mkdirSync(lakeFolder, { recursive: true })
    const server = `require('node:net').createServer().listen(${JSON.stringify(socketFile)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', server])
    expect(statSync(socketFile).isSocket()).toBe(true)
    const diskSync = await serveDiskSync({ lakeFolder, socketFile, space })
    expect(await sync([])).toMatchObject({ status: 204 })
    await diskSync.stop()
    expect(existsSync(socketFile)).toBe(false)
  })
})

function inLake(key: string): string {
  return join(lakeFolder, key)
}

function attached(tracer: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    tracer.stderr?.setEncoding('utf8').on('data', (text: string) => (text.includes('attached') ? resolve() : undefined))
    tracer.once('exit', () => reject(new Error('strace ended before it attached')))
  })
}
