// Files on the server that ships: uploads, what is served of them and to whom, and links.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startServer } from '../src/embedded/launcher.ts'
import { useServer } from './server.ts'
import { jpegOf, type Painted, pngOf } from './test-images.ts'

const importFolder = mkdtempSync(join(tmpdir(), 'headlessly-imports-'))
afterAll(() => rmSync(importFolder, { recursive: true, force: true }))
const { call, dataFolder, tenant, url } = useServer({
  start: (dataFolder) => startServer({ dataFolder, port: 0, importFolder }),
})

type Json = Readonly<Record<string, unknown>>

const png = Uint8Array.from(
  atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='),
  (one) => one.charCodeAt(0),
)
const bytesOf = (length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 9)) & 0xff)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const stream = { 'content-type': 'application/octet-stream' }

async function begun(): Promise<string> {
  const t = `/~${tenant()}`
  await call('POST', `${t}/Contact`, { name: 'Ada' })
  return t
}

async function send(
  path: string,
  body: Uint8Array<ArrayBuffer> | string,
  headers: Readonly<Record<string, string>> = stream,
  method = 'POST',
): Promise<{ readonly status: number; readonly body: Json; readonly headers: Headers }> {
  const sent: RequestInit = { method, body, headers }
  const answer = await fetch(url() + path, sent)
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Json), headers: answer.headers }
}

async function read(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<{ readonly status: number; readonly headers: Headers; readonly bytes: Uint8Array }> {
  const answer = await fetch(url() + path, { method, headers })
  return { status: answer.status, headers: answer.headers, bytes: new Uint8Array(await answer.arrayBuffer()) }
}

test('an upload in pieces goes on where it was cut off, and becomes one asset', async () => {
  const t = await begun()
  const bytes = bytesOf(5_000_000)
  const contact = await call('POST', `${t}/Contact`, { name: 'Grace' })
  const attachedTo = [String(contact.body['$id'])]
  const upload = await call('POST', `${t}/files/uploads`, { filename: 'scan.bin', size: bytes.length, attachedTo })
  expect([upload.status, upload.body['offset']]).toEqual([201, 0])
  const path = `${t}/files/uploads/${String(upload.body['id'])}`
  const piece = (start: number, end: number) =>
    send(
      path,
      bytes.slice(start, end),
      { ...stream, 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` },
      'PUT',
    )
  expect(await piece(0, 4_500_001)).toMatchObject({ status: 202, body: { offset: 4_500_001 } })
  expect(await piece(0, 100)).toMatchObject({ status: 409, body: { code: 'conflict', offset: 4_500_001 } })
  const head = await read(path, {}, 'HEAD')
  expect([head.status, head.headers.get('upload-offset')]).toEqual([200, '4500001'])
  expect((await call('GET', `${t}/Asset`)).body['results']).toEqual([])
  const made = await piece(4_500_001, bytes.length)
  expect(made).toMatchObject({ status: 201, body: { filename: 'scan.bin', size: bytes.length, hash: sha256(bytes) } })
  // The answer was lost, and the client asks again.
  const again = await send(path, '', { ...stream, 'content-range': `bytes */${bytes.length}` }, 'PUT')
  expect([again.status, again.body['$id']]).toEqual([201, made.body['$id']])
  const found = await call('GET', `${t}/Contact/${String(contact.body['$id'])}?strong=true&include=files`)
  expect(found.body['files']).toMatchObject([{ $id: made.body['$id'] }])
  const file = String(made.body['url']).replace(/^.*(?=\/~)/, '')
  const whole = await read(file)
  expect([whole.headers.get('content-length'), sha256(whole.bytes)]).toEqual([String(bytes.length), sha256(bytes)])
  for (const [range, start, end] of [
    ['bytes=0-0', 0, 1],
    ['bytes=4194300-4194310', 4_194_300, 4_194_311],
    ['bytes=4999990-', 4_999_990, 5_000_000],
    ['bytes=-5', 4_999_995, 5_000_000],
    ['bytes=0-99999999999999', 0, 5_000_000],
  ] as const) {
    const part = await read(file, { range })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes ${start}-${end - 1}/5000000`])
    expect(sha256(part.bytes)).toBe(sha256(bytes.subarray(start, end)))
  }
  for (const range of ['bytes=5000000-', 'bytes=-0', 'bytes=99999999999999-'])
    expect(await read(file, { range })).toMatchObject({ status: 416 })
  // Several ranges, nonsense and numbers beyond all files are no range.
  for (const range of ['bytes=0-1,3-4', 'bytes=5-2', `bytes=${'9'.repeat(40)}-`, 'lines=1-2'])
    expect((await read(file, { range }, 'HEAD')).status).toBe(200)
  const etag = whole.headers.get('etag') ?? ''
  expect(await read(file, { 'if-none-match': `"x", W/${etag}` })).toMatchObject({
    status: 304,
    bytes: new Uint8Array(),
  })
  expect((await read(file, { range: 'bytes=0-0', 'if-range': '"old"' }, 'HEAD')).status).toBe(200)
})

test('the same bytes are stored once, and a file that is sent whole is an asset by its content', async () => {
  const t = await begun()
  const first = await send(`${t}/files?filename=dot.png&alt=A+dot`, png, { 'content-type': 'text/csv' })
  expect(first).toMatchObject({
    status: 201,
    body: { mimeType: 'image/png', type: 'Image', alt: 'A dot', extension: 'png', hash: sha256(png) },
  })
  const second = await send(`${t}/files?filename=copy.png`, png)
  expect(second.body['file']).toBe(first.body['file'])
  expect(second.body['$id']).not.toBe(first.body['$id'])
  const named = { name: 'Third', filename: 'third.png', url: 'https://example.com', mimeType: 'a/b', size: 7 }
  const third = await call('POST', `${t}/Asset`, { ...named, file: first.body['file'] })
  expect(third).toMatchObject({ status: 201, body: { size: png.length, mimeType: 'image/png', hash: sha256(png) } })
  const changed = await call('PATCH', `${t}/Asset/${String(third.body['$id'])}`, { size: 1, mimeType: 'text/html' })
  expect(changed).toMatchObject({ status: 200, body: { size: png.length, mimeType: 'image/png' } })
  for (const wrong of [{ hash: sha256(png) }, { file: 'file_00000000000000000000000000' }, { file: '../../x' }])
    expect(await call('POST', `${t}/Asset`, { ...named, ...wrong })).toMatchObject({
      status: 422,
      body: { code: 'validation_error', errors: [{ field: Object.keys(wrong)[0] }] },
    })
})

test.each([
  ['page.html', '<!doctype html><script>alert(1)</script>', 'text/plain; charset=utf-8', 'inline'],
  ['image.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'text/plain; charset=utf-8', 'inline'],
  ['feed.svg', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', 'text/plain; charset=utf-8', 'inline'],
  ['paper.pdf', '%PDF-1.7\n', 'application/pdf', 'inline'],
  ['program.exe', 'MZ\u0000\u0001\u0002', 'application/octet-stream', 'attachment'],
  ['a"; filename=b.html;é\u202e.bin', '\u0000\u0001', 'application/octet-stream', 'attachment'],
])('of %s nothing is executed, whatever its sender says', async (filename, content, type, disposition) => {
  const t = await begun()
  const sent = { 'content-type': 'text/html' }
  const made = await send(`${t}/files?filename=${encodeURIComponent(filename)}`, content, sent)
  expect(made.status).toBe(201)
  const { headers } = await read(`${t}/files/${String(made.body['$id'])}`)
  expect([headers.get('content-type'), headers.get('x-content-type-options')]).toEqual([type, 'nosniff'])
  expect(headers.get('content-disposition')).toMatch(
    new RegExp(`^${disposition}; filename="[^"]*"; filename\\*=UTF-8''[^"; ]*$`),
  )
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; (?:sandbox$|object-src)/)
})

test('a link opens one file to anybody until its holder may not read it any more', async () => {
  const t = await begun()
  const made = await send(`${t}/files?filename=dot.png`, png)
  const id = String(made.body['$id'])
  const key = await call('POST', `${t}/ApiKey`, { name: 'reader', scopes: 'read' })
  const headers = { authorization: `Bearer ${String(key.body['key'])}` }
  const linked = await call('POST', `${t}/files/${id}/link`, { expiresIn: 60 }, headers)
  expect(linked.status).toBe(200)
  const link = String(linked.body['url']).replace(/^.*(?=\/~)/, '')
  expect(await read(link)).toMatchObject({ status: 200, bytes: png })
  const other = await send(`${t}/files?filename=other.png`, bytesOf(10))
  const u = await begun()
  const foreign = await send(`${u}/files?filename=dot.png`, png)
  for (const wrong of [
    link.replace(id, String(other.body['$id'])),
    link.replace(`${t}/files/${id}`, `${u}/files/${String(foreign.body['$id'])}`),
    link.replace(/expires=(\d+)/, (_, at) => `expires=${Number(at) + 1}`),
    link.replace(/holder=\w+/, 'holder=owner'),
    link.replace(/signature=.*/, 'signature='),
    link.replace(/signature=\w/, 'signature=g'),
  ])
    expect((await read(wrong)).status).toBe(403)
  await call('POST', `${t}/ApiKey/${String(key.body['$id'])}/revoke`)
  expect((await read(link)).status).toBe(403)
  for (const expiresIn of [0, -1, 1.5, 604_801, '60'])
    expect((await call('POST', `${t}/files/${id}/link`, { expiresIn })).status).toBe(422)
})

test('what is wrong with an upload is refused before a byte is stored', async () => {
  const t = await begun()
  const begin = (body: object) => call('POST', `${t}/files/uploads`, body)
  for (const [body, field] of [
    [{ filename: '../x', size: 1 }, 'filename'],
    [{ filename: '', size: 1 }, 'filename'],
    [{ filename: 'x' }, 'size'],
    [{ filename: 'x', size: -1 }, 'size'],
    [{ filename: 'x', size: 2 ** 53 }, 'size'],
    [{ filename: 'x', size: 1, url: 'https://evil.example' }, 'url'],
    [{ filename: 'x', size: 1, hash: 'x' }, 'hash'],
  ] as const)
    expect(await begin(body)).toMatchObject({ status: 422, body: { errors: [{ field }] } })
  expect(await begin({ filename: 'x', size: 2 ** 40 })).toMatchObject({ status: 413, body: { field: 'size' } })
  for (const attachedTo of [['x'], 'contact_xxxxxxxxxxxx', [7]])
    expect((await begin({ filename: 'x', size: 1, attachedTo })).status).toBeGreaterThanOrEqual(400)
  const reader = await call('POST', `${t}/ApiKey`, { name: 'reader', scopes: 'read' })
  const headers = { authorization: `Bearer ${String(reader.body['key'])}` }
  expect((await call('POST', `${t}/files/uploads`, { filename: 'x', size: 1 }, headers)).status).toBe(403)
  const upload = await begin({ filename: 'x', size: 10 })
  const path = `${t}/files/uploads/${String(upload.body['id'])}`
  expect((await send(`${path}?offset=99999999999999`, bytesOf(1))).status).toBe(409)
  expect((await send(`${path}?offset=x`, bytesOf(1))).status).toBe(400)
  expect((await send(path, bytesOf(11))).status).toBe(413)
  const range = { ...stream, 'content-range': 'bytes 0-0/11' }
  expect(await send(path, bytesOf(1), range)).toMatchObject({ status: 400, body: { field: 'Content-Range' } })
  expect((await call('DELETE', path)).status).toBe(204)
  expect((await call('GET', `${t}/Asset`)).body['results']).toEqual([])
  for (const id of ['..%2f..%2fx', 'file_x', '%00', 'asset_x', 'uploads'])
    expect((await read(`${t}/files/${id}`)).status).toBeGreaterThanOrEqual(400)
  expect((await read(`/~${tenant()}/files/asset_x`)).status).toBe(404)
})

test('a caller who may not see what an asset is attached to gets at its bytes by no other asset', async () => {
  const t = await begun()
  const contact = String((await call('POST', `${t}/Contact`, { name: 'Grace' })).body['$id'])
  const made = (await send(`${t}/files?filename=dot.png&attachedTo=${contact}`, png)).body
  const id = String(made['$id'])
  const key = await call('POST', `${t}/ApiKey`, { name: 'assets', scopes: 'read:Asset,write:Asset' })
  const headers = { authorization: `Bearer ${String(key.body['key'])}` }
  expect((await read(`${t}/files/${id}`, headers)).status).toBe(404)
  const named = {
    name: 'x',
    filename: 'x.png',
    url: 'https://example.com',
    mimeType: 'a/b',
    size: 1,
    file: made['file'],
  }
  expect((await call('POST', `${t}/Asset`, named, headers)).status).toBe(422)
  expect((await call('PATCH', `${t}/Asset/${id}`, { attachedTo: [] }, headers)).status).toBe(403)
  expect((await call('PATCH', `${t}/Asset/${id}`, { attachedTo: [id] }, headers)).status).toBe(403)
  expect((await read(`${t}/files/${String(made['file'])}`, headers)).status).toBe(404)
  expect((await call('PATCH', `${t}/Asset/${id}`, { alt: 'A dot' }, headers)).status).toBe(200)
  // A caller who has the bytes already may keep them.
  const own = await send(`${t}/files?filename=own.png`, png, { ...stream, ...headers })
  expect(own).toMatchObject({ status: 201, body: { file: made['file'] } })
  expect((await call('POST', `${t}/Asset`, named, headers)).status).toBe(201)
  expect(await read(`${t}/files/${String(own.body['$id'])}`, headers)).toMatchObject({ status: 200, bytes: png })
})

test('an uploaded file is imported, and ids move into another tenant as they are or mapped', async () => {
  const [from, kept, mapped] = [await begun(), await begun(), await begun()]
  const imported = async (t: string, noun: string, body: string, query: string): Promise<Json> => {
    const started = await send(`${t}/import/${noun}?${query}`, body, { 'content-type': 'application/x-ndjson' })
    expect(started.status, JSON.stringify(started.body)).toBe(202)
    const { id } = started.body['job'] as { id: string }
    await expect
      .poll(async () => (await call('GET', `${t}/jobs/${id}`)).body['state'], { timeout: 20_000 })
      .toBe('done')
    return (await call('GET', `${t}/jobs/${id}`)).body
  }
  const csv = 'Name;E-Mail;Company\nAda;ada@example.com;Engines\nBob;bob@example.com;Engines\n'
  await call('POST', `${from}/Organization`, { name: 'Engines' })
  const asset = (await send(`${from}/files?filename=people.csv`, csv)).body
  expect(await imported(from, 'Contact', '', `asset=${String(asset['$id'])}`)).toMatchObject({ done: 2, refused: 0 })
  expect((await send(`${from}/import/Contact?asset=asset_unknown`, '')).status).toBe(404)

  const exported = async (t: string, noun: string): Promise<string> =>
    new TextDecoder().decode((await read(`${t}/export/${noun}?format=ndjson`)).bytes)
  const [companies, people] = [await exported(from, 'Organization'), await exported(from, 'Contact')]
  const idsIn = (text: string): readonly string[] => text.match(/"\$id":"\w+"/g) ?? []
  const options = 'unmapped=ignore'
  for (const [t, ids] of [
    [kept, 'keep'],
    [mapped, 'map'],
  ] as const) {
    expect(await imported(t, 'Organization', companies, `ids=${ids}&${options}`)).toMatchObject({ refused: 0 })
    expect(await imported(t, 'Contact', people, `ids=${ids}&${options}`)).toMatchObject({ refused: 0 })
    const moved = await exported(t, 'Contact')
    const found = idsIn(people).filter((id) => idsIn(moved).includes(id))
    expect(found.length).toBe(ids === 'keep' ? idsIn(people).length : 0)
    const company = /"\$id":"(\w+)"/.exec(await exported(t, 'Organization'))?.[1] ?? 'none'
    expect(moved.split(`"organization":"${company}"`)).toHaveLength(3)
    // A repetition finds them.
    expect(await imported(t, 'Contact', people, `ids=${ids}&${options}`)).toMatchObject({ refused: 0 })
    expect(idsIn(await exported(t, 'Contact'))).toHaveLength(idsIn(people).length + 1)
  }
  // An id of an entity that was deleted here is not taken again, nor one of another type.
  const [first = ''] = /contact_\w+/.exec(people) ?? []
  await call('DELETE', `${kept}/Contact/${first}`)
  const rows = `{"$id":"${first}","name":"Again"}\n{"$id":"deal_A1B2C3D4E5F6","name":"Other"}\n`
  expect(await imported(kept, 'Contact', rows, 'ids=keep')).toMatchObject({ done: 2, refused: 2 })
})

test("a file of the server's own disk is imported from the folder of imports, and from nowhere else", async () => {
  const t = await begun()
  mkdirSync(join(importFolder, 'crm'))
  writeFileSync(join(importFolder, 'crm/people.csv'), 'name,email\nAda,ada@example.com\n')
  writeFileSync(join(importFolder, '.hidden.csv'), 'name\nSecret\n')
  const send = (path: string) => call('POST', `${t}/import/Contact?dryRun=true&path=${encodeURIComponent(path)}`)
  expect(await send('crm/people.csv')).toMatchObject({ status: 200, body: { counts: { rows: 1, refused: 0 } } })
  for (const path of ['crm', 'none.csv', 'crm/none.csv']) expect([path, (await send(path)).status]).toEqual([path, 404])
  for (const path of ['../imports', '/etc/passwd', '.hidden.csv', 'crm/../.hidden.csv', 'crm//people.csv', 'a\\b', ''])
    expect([path, (await send(path)).status]).toEqual([path, 400])
})

const painted: Painted = { width: 300, height: 200, colorAt: (x) => [x & 255, 90, 200, 255] }

test('a thumbnail is made once, for all who may read its image, and goes with it', async () => {
  const t = await begun()
  const made = (await send(`${t}/files?filename=photo.jpg`, await jpegOf(painted))).body
  const id = String(made['$id'])
  const folder = join(dataFolder, 'lake/_private', t.slice(2), 'files', String(made['file']))
  const path = `${t}/files/${id}?thumbnail=128`
  const [first, beside] = await Promise.all([read(path), read(path)])
  expect([first.status, first.headers.get('content-type')]).toEqual([200, 'image/webp'])
  expect(first.headers.get('content-disposition')).toMatch(/^inline; filename="photo\.jpg\.webp"/)
  expect(first.headers.get('x-content-type-options')).toBe('nosniff')
  expect(beside.bytes).toEqual(first.bytes)
  const kept = join(folder, 'thumbnail-128.webp')
  expect(new Uint8Array(readFileSync(kept))).toEqual(first.bytes)
  const etag = first.headers.get('etag') ?? ''
  expect(etag).toContain(String(made['hash']))
  expect(await read(path, { 'if-none-match': etag })).toMatchObject({ status: 304, bytes: new Uint8Array() })
  // The bytes that are kept are sent, whatever they are.
  writeFileSync(kept, 'kept')
  expect(new TextDecoder().decode((await read(path)).bytes)).toBe('kept')

  const linked = await call('POST', `${t}/files/${id}/link`, { expiresIn: 60 })
  const link = String(linked.body['url']).replace(/^.*(?=\/~)/, '')
  expect(await read(`${link}&thumbnail=64`)).toMatchObject({ status: 200 })
  const key = await call('POST', `${t}/ApiKey`, { name: 'contacts', scopes: 'read:Contact' })
  const headers = { authorization: `Bearer ${String(key.body['key'])}` }
  expect([(await read(path, headers)).status, (await read(`${t}/files/${id}`, headers)).status]).toEqual([404, 404])
  expect(readdirSync(folder).filter((name) => name.startsWith('thumbnail'))).toHaveLength(2)
  await call('POST', `${t}/erasures`, { ids: [id], reason: 'a test' })
  await expect.poll(() => existsSync(folder) && readdirSync(folder).length > 0, { timeout: 20_000 }).toBe(false)
  expect((await read(path)).status).toBeGreaterThanOrEqual(404)
})

test('of a file that is no image, damaged, or too large there is no thumbnail, and the server goes on', async () => {
  const t = await begun()
  const thumbnail = async (filename: string, bytes: Uint8Array<ArrayBuffer> | string) => {
    const made = await send(`${t}/files?filename=${filename}`, bytes)
    return call('GET', `${t}/files/${String(made.body['$id'])}?thumbnail=64`)
  }
  const image = await pngOf(painted)
  const bomb = await pngOf(painted, { claims: { width: 50_000, height: 50_000 } })
  const long = new Uint8Array(20 * 2 ** 20 + 1)
  long.set(image)
  for (const [filename, bytes, status] of [
    ['notes.txt', 'no image', 415],
    ['paper.pdf', '%PDF-1.7\n', 415],
    ['bomb.png', bomb, 413],
    ['long.png', long, 413],
    ['half.png', image.slice(0, image.length / 2), 422],
  ] as const) {
    const answer = await thumbnail(filename, bytes)
    expect([filename, answer.status, JSON.stringify(answer.body)]).toEqual([
      filename,
      status,
      expect.stringContaining('"field":"thumbnail"'),
    ])
  }
  const made = await send(`${t}/files?filename=photo.png`, image)
  for (const size of ['', '0', '65', '064', '1e2', '2048', 'x'])
    expect(await call('GET', `${t}/files/${String(made.body['$id'])}?thumbnail=${size}`)).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'thumbnail' }] },
    })
  expect((await read(`${t}/files/${String(made.body['$id'])}?thumbnail=64`)).status).toBe(200)
})
