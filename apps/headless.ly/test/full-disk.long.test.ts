// A full disk: writes are refused with 507, reads continue, nothing acknowledged is lost, and writes go on by themselves
// once there is room. Needs root, since it mounts a small disk.

import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Server, startServer } from '../src/embedded/launcher.ts'

const disk = mountSmallDisk()
if (disk === undefined) console.log('full-disk: skipped, since a tmpfs cannot be mounted here (it needs root on Linux)')
afterAll(() => {
  if (disk === undefined) return
  execFileSync('umount', ['--lazy', disk])
  rmSync(disk, { recursive: true })
})

function mountSmallDisk(): string | undefined {
  if (process.platform !== 'linux') return undefined
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder], { stdio: 'ignore' })
    return folder
  } catch {
    rmSync(folder, { recursive: true })
    return undefined
  }
}

interface Answer {
  readonly status: number
  readonly body: { readonly code?: string; readonly $id?: string; readonly status?: string; readonly total?: number }
}

async function ask(server: Server, path: string, body?: object): Promise<Answer> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(server.url + path, body === undefined ? {} : post)
  return { status: answer.status, body: (await answer.json()) as Answer['body'] }
}

const create = (server: Server, name: string): Promise<Answer> => ask(server, '/~acme/Contact', { name })

/** SQLite needs 32 KiB to open a database, and a tenant's object may be starting, or a job may be about to fail. */
const openingBytes = 128 * 1024

/** Fills the disk as another program would, but for what opening a database takes. */
function fill(file: string): void {
  for (let bytes = 2 ** 20; bytes >= 1; bytes /= 4) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(bytes))
    } catch {
      // No room for this many bytes.
    }
  }
  truncateSync(file, statSync(file).size - openingBytes)
}

test.skipIf(disk === undefined)(
  'a full disk refuses writes only, and for as long as it is full',
  { timeout: 90_000 },
  async () => {
    const lines: string[] = []
    const dataFolder = join(disk ?? '', 'data')
    const server = await startServer({
      dataFolder,
      port: 0,
      warn: (line) => void lines.push(line),
      flush: '{"intervalMs":500}',
    })
    const acknowledged = new Set<string>()
    const refusals = new Set<string>()
    // Its own writes fill the disk first, then another program takes the rest, and then it starts again.
    for (let at = 0; at < 2_000 && refusals.size === 0; at++) {
      const { status, body } = await create(server, `${at} ${'x'.repeat(40_000)}`)
      if (status === 201) acknowledged.add(body.$id ?? '')
      else refusals.add(`${status} ${body.code}`)
    }
    expect([...refusals]).toEqual(['507 storage_full'])
    expect(acknowledged.size).toBeGreaterThan(10)
    // A job that began before ends. Its commit would reset the object, which cannot open its database without room.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const filler = join(disk ?? '', 'filler')
    fill(filler)
    await expect.poll(() => lines.filter((line) => line.startsWith('the disk is full'))).toHaveLength(1)
    await expect.poll(async () => (await ask(server, '/health')).body.status).toBe('storage_full')
    for (let round = 0; round < 5; round++) {
      const total = acknowledged.size
      expect(await ask(server, '/~acme/Contact?strong=true&limit=1')).toMatchObject({ status: 200, body: { total } })
      expect(await ask(server, '/~acme/Contact?limit=1')).toMatchObject({ status: 200 })
      expect(await create(server, 'refused')).toMatchObject({ status: 507, body: { code: 'storage_full' } })
    }
    // A server that starts on a full disk must not need room for reads.
    process.kill(server.pid(), 'SIGKILL')
    const total = (path: string): Promise<number> =>
      ask(server, path).then(
        ({ body }) => body.total ?? 0,
        () => 0,
      )
    await expect
      .poll(() => total('/~acme/Contact?strong=true&limit=1'), { timeout: 20_000, interval: 200 })
      .toBe(acknowledged.size)
    rmSync(filler)
    // The tenant's own data still fills the disk, so space comes from a larger one.
    execFileSync('mount', ['-o', 'remount,size=64m', disk ?? ''])
    await expect.poll(async () => (await create(server, 'again')).status, { timeout: 20_000, interval: 200 }).toBe(201)
    expect((await ask(server, '/health')).body).toEqual({ status: 'ok' })
    expect(lines).toContainEqual(expect.stringMatching(/^the disk has room again .*: writes continue$/))
    expect((await ask(server, '/~acme/Contact?strong=true&limit=1')).body.total).toBe(acknowledged.size + 1)
    await expect
      .poll(async () => ((await ask(server, '/~acme/Contact?limit=1')).body.total ?? 0) > acknowledged.size, {
        timeout: 30_000,
      })
      .toBe(true)
    await server.stop()
  },
)
