// A tenant whose database is lost, emptied or damaged while its lake is there: nobody may take it for a new tenant.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { serveBucket } from '../../../packages/@dotdo/db/test/serve-bucket.ts'
import { type Server, startServer } from '../src/embedded/launcher.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-lost-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function ask(server: Server, path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(server.url + path, body === undefined ? {} : post)
  return { status: answer.status, body: await answer.json() }
}

/** Starts a server on a folder with one flushed tenant whose database `harm` has changed. */
async function startHarmed(
  name: string,
  harm: (file: string) => void,
  warn: (line: string) => void = () => {},
): Promise<Server> {
  const dataFolder = join(folder, name)
  const before = await startServer({ dataFolder, port: 0 })
  for (let at = 0; at < 3; at++) expect((await ask(before, '/~acme/Contact', { name: `c${at}` })).status).toBe(201)
  expect((await ask(before, '/~acme/lake/flush', {})).status).toBe(200)
  await before.stop()
  const objects = join(dataFolder, 'objects')
  for (const entry of databaseFiles(join(objects, 'headless.ly-tenants'))) harm(entry)
  return startServer({ dataFolder, port: 0, warn })
}

/** The files of the databases that have tables; the object that answers for unknown tenants has none. */
function databaseFiles(tenants: string): readonly string[] {
  const files = readdirSync(tenants).filter((name) => name.includes('.sqlite') && !name.startsWith('metadata'))
  const hasTables = (name: string): boolean => statSync(join(tenants, name.replace(/-(?:wal|shm)$/, ''))).size > 8_192
  return files.filter(hasTables).map((name) => join(tenants, name))
}

const lakeFiles = (name: string): readonly string[] =>
  readdirSync(join(folder, name, 'lake'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.startsWith('acme'))
    .toSorted()

const losses = [
  { name: 'removed', harm: (file: string) => rmSync(file) },
  { name: 'emptied', harm: (file: string) => (file.endsWith('.sqlite') ? truncateSync(file) : rmSync(file)) },
]

test.concurrent.for(losses)('a database that was $name is not taken for a new tenant', async ({ name, harm }) => {
  const server = await startHarmed(name, harm)
  const files = lakeFiles(name)
  const lost = {
    status: 500,
    body: { code: 'database_lost', detail: expect.stringContaining('restore it from its lake') },
  }
  expect(await ask(server, '/~acme/Contact?strong=true')).toMatchObject(lost)
  expect(await ask(server, '/~acme/Contact', { name: 'new' })).toMatchObject(lost)
  expect(await ask(server, '/~acme/lake/rebuild', {})).toMatchObject(lost)
  expect(await ask(server, '/~acme/lake/flush', {})).toMatchObject(lost)
  expect(await ask(server, '/~acme/lake/verify', {})).toMatchObject({
    status: 200,
    body: { isWhole: false, faults: [expect.stringContaining("the database of 'acme' is missing")] },
  })
  // Files are still read, and other tenants are not affected.
  expect(await ask(server, '/~acme/Contact')).toMatchObject({ status: 200, body: { total: 3 } })
  expect((await ask(server, '/~other/Contact', { name: 'new' })).status).toBe(201)
  expect(lakeFiles(name)).toEqual(files)

  // The lake alone has the tenant, which is restored from it.
  expect(await ask(server, '/tenants/acme/restore?at=2026-01-01T00:00:00Z', {})).toMatchObject({ status: 400 })
  const report = { tenant: 'acme', from: 'acme', seq: 3, events: 3, entities: 3 }
  expect(await ask(server, '/tenants/acme/restore', {})).toMatchObject({ status: 200, body: report })
  expect(await ask(server, '/tenants/acme/restore', {})).toMatchObject({ status: 409 })
  expect(await ask(server, '/~acme/Contact?strong=true')).toMatchObject({ status: 200, body: { total: 3 } })
  expect((await ask(server, '/~acme/Contact', { name: 'c3' })).status).toBe(201)
  expect((await ask(server, '/~acme/lake/flush', {})).status).toBe(200)
  expect(await ask(server, '/~acme/lake/verify', {})).toMatchObject({ status: 200, body: { isWhole: true, events: 4 } })
  expect(await ask(server, '/tenants/copy/restore?from=acme', {})).toMatchObject({ status: 200, body: { entities: 4 } })
  expect(await ask(server, '/~copy/Contact?strong=true')).toMatchObject({ status: 200, body: { total: 4 } })
  expect(await ask(server, '/tenants/copy2/restore?from=nobody', {})).toMatchObject({ status: 404 })
  await server.stop()
})

test.concurrent('files of people come back with the lake and in a copy, and bytes of nobody go', async ({ expect }) => {
  const dataFolder = join(folder, 'files')
  const first = await startServer({ dataFolder, port: 0 })
  const { $id: contact } = (await ask(first, '/~acme/Contact', { name: 'Jane' })).body as { $id: string }
  const upload = await fetch(`${first.url}/~acme/files?filename=letter.txt&attachedTo=${contact}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: 'her letter',
  })
  const asset = (await upload.json()) as { $id: string; file: string }
  expect(upload.status).toBe(201)
  expect((await ask(first, '/~acme/lake/flush', {})).status).toBe(200)
  await first.stop()
  for (const file of databaseFiles(join(dataFolder, 'objects', 'headless.ly-tenants'))) rmSync(file)
  const kept = join(dataFolder, 'lake/_private/acme')
  // The registry is lost with the copies of tables, and a killed upload has left a part.
  rmSync(join(kept, 'tables'), { recursive: true })
  const orphan = join(kept, 'files', `file_${'0'.repeat(26)}`)
  mkdirSync(orphan)
  writeFileSync(join(orphan, '0000000000000'), 'of nobody')

  const server = await startServer({ dataFolder, port: 0 })
  const bytes = async (tenant: string): Promise<string> =>
    (await fetch(`${server.url}/~${tenant}/files/${asset.$id}`)).text()
  const verified = async (tenant: string): Promise<unknown> => (await ask(server, `/~${tenant}/lake/verify`, {})).body
  expect(await ask(server, '/tenants/acme/restore', {})).toMatchObject({ status: 200 })
  expect(await ask(server, '/tenants/copy/restore?from=acme', {})).toMatchObject({ status: 200 })
  for (const tenant of ['acme', 'copy']) {
    expect(await bytes(tenant), tenant).toBe('her letter')
    expect(await verified(tenant)).toMatchObject({ isWhole: true })
  }
  await expect.poll(() => existsSync(join(orphan, '0000000000000')), { timeout: 10_000 }).toBe(false)

  // The copy has bytes of its own, and what is missing there is found.
  rmSync(join(dataFolder, 'lake/_private/copy/files', asset.file, '0000000000000'))
  expect(await verified('copy')).toMatchObject({
    isWhole: false,
    faults: [expect.stringContaining('not all its bytes')],
  })
  expect(await bytes('acme')).toBe('her letter')

  // An erasure finds the bytes although the registry was lost.
  expect((await ask(server, '/~acme/erasures', { ids: [contact], reason: 'asked' })).status).toBeLessThan(300)
  await expect.poll(() => existsSync(join(kept, 'files', asset.file, '0000000000000')), { timeout: 10_000 }).toBe(false)
  await server.stop()
})

test.concurrent('a damaged database is named as such, and its lake stays as it was', async () => {
  const server = await startHarmed('damaged', (file) => {
    if (!file.endsWith('.sqlite')) return rmSync(file)
    const bytes = readFileSync(file)
    // The first page remains, so that the file still looks like a database.
    writeFileSync(file, bytes.fill('damage', 4096))
  })
  const files = lakeFiles('damaged')
  const damaged = { status: 500, body: { code: 'database_damaged', detail: expect.stringContaining('restore') } }
  expect(await ask(server, '/~acme/Contact?strong=true')).toMatchObject(damaged)
  expect(await ask(server, '/~acme/Contact', { name: 'new' })).toMatchObject(damaged)
  expect(await ask(server, '/~acme/lake/verify', {})).toMatchObject(damaged)
  expect(await ask(server, '/~acme/lake/rebuild', {})).toMatchObject(damaged)
  expect(await ask(server, '/~acme/Contact')).toMatchObject({ status: 200, body: { total: 3 } })
  expect(lakeFiles('damaged')).toEqual(files)
  await server.stop()
})

test.concurrent('a file that is no database fails its tenant only, and the terminal names the reason', async () => {
  const lines: string[] = []
  const garbage = (file: string): void =>
    file.endsWith('.sqlite') ? writeFileSync(file, 'garbage'.repeat(9_000)) : rmSync(file)
  const server = await startHarmed('garbage', garbage, (line) => lines.push(line))
  const files = lakeFiles('garbage')
  const damaged = { status: 500, body: { code: 'database_damaged' } }
  for (const path of ['Contact?strong=true', 'status'])
    expect(await ask(server, `/~acme/${path}`)).toMatchObject(damaged)
  for (const path of ['Contact', 'lake/verify', 'lake/rebuild'])
    expect(await ask(server, `/~acme/${path}`, {})).toMatchObject(damaged)
  expect(await ask(server, '/~acme/Contact')).toMatchObject({ status: 200, body: { total: 3 } })
  expect((await ask(server, '/~other/Contact', { name: 'new' })).status).toBe(201)
  expect(lakeFiles('garbage')).toEqual(files)
  expect(lines.filter((line) => line.startsWith('a database is damaged (SQLITE_NOTADB)'))).toHaveLength(1)
  await server.stop()
})

test.concurrent('a server whose machine is lost is restored from the bucket of its lake', async () => {
  const { lakeBucket, stop } = await serveBucket()
  const before = join(folder, 'machine')
  const first = await startServer({ dataFolder: before, port: 0, lakeBucket, flush: '{"intervalMs":100}' })
  for (let at = 0; at < 3; at++) expect((await ask(first, '/~acme/Contact', { name: `c${at}` })).status).toBe(201)
  expect((await ask(first, '/~acme/lake/flush', {})).status).toBe(200)
  const listed = (await ask(first, '/~acme/Contact?strong=true&sort=name')).body
  expect(await ask(first, '/~acme/lake/verify', {})).toMatchObject({ body: { isWhole: true } })
  expect(readdirSync(join(before, 'lake'))).toEqual([])
  await first.stop()
  // The files are known to be elsewhere, so the server does not start without them.
  await expect(startServer({ dataFolder: before, port: 0 })).rejects.toThrow('are in http://127.0.0.1')
  rmSync(before, { recursive: true })

  const second = await startServer({ dataFolder: join(folder, 'machine-2'), port: 0, lakeBucket })
  expect(await ask(second, '/~acme/Contact?strong=true')).toMatchObject({
    status: 500,
    body: { code: 'database_lost' },
  })
  expect(await ask(second, '/tenants/acme/restore', {})).toMatchObject({ status: 200, body: { events: 3 } })
  const host = new URL(second.url).host
  const restored = JSON.stringify((await ask(second, '/~acme/Contact?strong=true&sort=name')).body)
  expect(restored.replaceAll(host, new URL(first.url).host)).toBe(JSON.stringify(listed))
  expect((await ask(second, '/~acme/Contact', { name: 'c3' })).status).toBe(201)
  expect((await ask(second, '/~acme/lake/flush', {})).status).toBe(200)
  expect(await ask(second, '/~acme/lake/verify', {})).toMatchObject({ body: { isWhole: true, events: 4 } })
  await second.stop()
  stop()
})
