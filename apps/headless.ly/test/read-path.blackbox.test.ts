// Reads from files, tested on the server that ships, with files written by its own flush.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { useServer } from './server.ts'

const flushIntervalMs = 200
/** Time for a flush and for the manifest's expiry, with a margin for a busy machine. */
const filesWithinMs = 10_000

const { call, dataFolder, tenant, url } = useServer({ flush: { intervalMs: flushIntervalMs } })

interface Raw {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

async function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Raw> {
  const answer = await fetch(url() + path, { method, headers })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

/** Removes the request id, which differs each time. */
function comparable({ status, text, headers }: Raw): object {
  const body = text.replace(/"requestId":"[^"]*"/, '')
  return { status, body, etag: headers.get('etag'), type: headers.get('content-type') }
}

function sourceOf({ headers }: Raw): string | null {
  return headers.get('x-headlessly-source')
}

async function create(t: string, noun: string, fields: object): Promise<string> {
  const { status, body } = await call('POST', `/~${t}/${noun}`, fields)
  expect(status).toBe(201)
  return String(body['$id'])
}

async function untilFromFiles(path: string): Promise<Raw> {
  return untilFrom(/^(?:files|cache)$/, path)
}

async function untilFrom(source: RegExp, path: string): Promise<Raw> {
  return vi.waitFor(
    async () => {
      const answer = await ask(path)
      expect(sourceOf(answer)).toMatch(source)
      return answer
    },
    { timeout: filesWithinMs, interval: 50 },
  )
}

function strong(path: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}strong=true`
}

/** Returns the paths of a tenant's entity files on disk. */
function filesOf(t: string): string[] {
  const folder = join(dataFolder, 'lake', t)
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.parquet') && !name.startsWith('events'))
    .map((name) => join(folder, name))
}

describe('a tenant that was flushed several times', () => {
  let t = ''
  let ids: { organizations: string[]; contacts: string[]; deals: string[] }

  beforeAll(async () => {
    t = tenant()
    ids = { organizations: [], contacts: [], deals: [] }
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < 4; at++) {
        const name = `Organization ${round}.${at}`
        ids.organizations.push(await create(t, 'Organization', { name, industry: ['retail', 'Öl', '😀'][at % 3] }))
      }
      for (let at = 0; at < 12; at++) {
        ids.contacts.push(
          await create(t, 'Contact', {
            name: `Contact ${at % 5}`,
            email: `c${round}-${at}@example.com`,
            stage: ['Lead', 'Qualified', 'Customer'][at % 3],
            ...(at % 4 === 0 ? {} : { leadScore: (at * 7.5) % 11, organization: ids.organizations.at(-(at % 4)) }),
            ...(at % 3 === 0 ? { metadata: { plan: { seats: at } } } : {}),
          }),
        )
      }
      for (let at = 0; at < 6; at++) {
        const expectedCloseDate = at % 2 === 0 ? { expectedCloseDate: `2026-0${at + 1}-15` } : {}
        ids.deals.push(
          await create(t, 'Deal', {
            name: `Deal ${at}`,
            value: at * 100,
            contact: ids.contacts.at(-at - 1),
            ...expectedCloseDate,
          }),
        )
      }
      const changed = ids.contacts[round * 3] ?? ''
      await call('PATCH', `/~${t}/Contact/${changed}`, { title: `changed ${round}`, metadata: null })
      await call('DELETE', `/~${t}/Contact/${ids.contacts.splice(round * 5, 1)[0]}`)
      await untilFromFiles(`/~${t}/Contact?limit=${round + 1}`)
    }
  }, 60_000)

  test('answers from files with the same bytes, statuses and validators as its object', async () => {
    const filter = (value: object): string => `filter=${encodeURIComponent(JSON.stringify(value))}`
    const paths = [
      ...[ids.contacts[0], ids.contacts[3], ids.contacts[9]].flatMap((id) => [
        `/Contact/${id}`,
        `/Contact/${id}?include=organization,deals`,
        `/Contact/${id}?fields=name,stage`,
      ]),
      '/Contact',
      '/Contact?limit=100&sort=-leadScore,name',
      '/Contact?limit=7&sort=name&include=organization,deals',
      '/Contact?stage=Lead&sort=$id',
      '/Contact?stage=Lead&count=exact&limit=1',
      `/Contact?${filter({ $or: [{ leadScore: { $gte: 5 } }, { title: { $exists: true } }] })}`,
      `/Contact?${filter({ 'organization.industry': 'Öl' })}&sort=-$createdAt`,
      `/Contact?${filter({ 'metadata.plan.seats': { $gt: 2 } })}&fields=metadata,$version`,
      `/Contact?${filter({ 'deals.value': { $in: [100, 300] }, stage: { $ne: 'Customer' } })}`,
      `/Deal?${filter({ 'contact.organization.industry': 'retail' })}&include=contact`,
      `/Deal?${filter({ expectedCloseDate: { $lt: '2026-04-01' } })}&sort=expectedCloseDate`,
      '/Organization?include=contacts&limit=100',
      '/Organization?industry=%F0%9F%98%80',
      '/Contact/count',
      '/Contact/count?stage=Qualified',
      '/Invoice',
      '/Invoice/count',
      '/Contact?limit=0',
      '/Contact?nmae=x',
      '/Contact?cursor=x',
      '/Contact?include=organisation',
      '/Contact/contact_000000000000?fields=nmae',
      '/Contact/deal_000000000000',
    ]
    for (const path of paths.map((path) => `/~${t}${path}`)) {
      const wanted = await ask(strong(path))
      const [files, kept] = [await ask(path), await ask(path)]
      // A plain get has an ETag with `strong` too; with other parameters neither has one.
      expect(comparable(files), path).toEqual(comparable(wanted))
      expect(comparable(kept), path).toEqual(comparable(wanted))
      const sources = wanted.status === 200 ? ['files', 'cache'] : [null, null]
      expect([sourceOf(files)?.replace('cache', 'files') ?? null, sourceOf(kept)], path).toEqual(sources)
      expect(files.headers.get('x-headlessly-bookmark'), path).toBe(wanted.headers.get('x-headlessly-bookmark'))
    }
  })

  test('a page from files can be continued by the object, and the other way round', async () => {
    for (const query of ['sort=name&limit=5', 'sort=-leadScore&limit=5', 'limit=5', 'stage=Lead&sort=-$id&limit=2']) {
      const walk = async (isStrong: (page: number) => boolean): Promise<string[]> => {
        const found: string[] = []
        for (let [page, cursor] = [0, '']; cursor !== 'null'; page++) {
          const path = `/~${t}/Contact?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`
          const { text } = await ask(isStrong(page) ? strong(path) : path)
          const body = JSON.parse(text) as { results: { $id: string }[]; cursor: string | null }
          found.push(...body.results.map(({ $id }) => $id))
          cursor = String(body.cursor)
        }
        return found
      }
      const wanted = await walk(() => true)
      expect(wanted.length).toBeGreaterThan(8)
      expect(await walk((page) => page % 2 === 0)).toEqual(wanted)
      expect(await walk((page) => page % 2 === 1)).toEqual(wanted)
    }
  })

  test('validators work from files: 304 for the current version, and HEAD without a body', async () => {
    const path = `/~${t}/Contact/${ids.contacts[0]}`
    const { headers } = await untilFromFiles(path)
    const etag = headers.get('etag') ?? ''
    expect(etag).toMatch(/^"\d+"$/)
    const unchanged = await ask(path, { 'if-none-match': etag })
    expect([unchanged.status, unchanged.text, sourceOf(unchanged)]).toEqual([304, '', 'cache'])
    expect((await ask(path, { 'if-none-match': '"99"' })).status).toBe(200)
    const head = await ask(path, {}, 'HEAD')
    expect([head.status, head.text, head.headers.get('etag')]).toEqual([200, '', etag])
    expect((await ask(`${path}?fields=name`)).headers.get('etag')).toBeNull()
  })

  test('an entity in no file is looked up in the object', async () => {
    expect((await ask(`/~${t}/Contact/contact_000000000000`)).status).toBe(404)
  })

  test('an answer contains the host of its request, whatever earlier requests used', async () => {
    const { port } = new URL(url())
    const at = (host: string): Promise<string> =>
      new Promise((resolve, reject) => {
        get({ host: '127.0.0.1', port, path: `/~${t}/Contact/${ids.contacts[0]}`, headers: { host } }, (answer) => {
          let text = ''
          answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
          answer.once('end', () => resolve(text))
        }).once('error', reject)
      })
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `crm.localhost:${port}`, `localhost:${port}`]) {
      const context = `http://${host.replace('crm.', '')}/~${t}`
      expect(JSON.parse(await at(host))).toMatchObject({ $context: context, $id: ids.contacts[0] })
    }
  })
})

describe.concurrent('own writes', () => {
  test('are visible at once, with or without a bookmark, whether or not files hold them', async () => {
    const t = tenant()
    const id = await create(t, 'Contact', { name: 'Ada' })
    expect((await ask(`/~${t}/Contact/${id}`)).text).toContain('"name":"Ada"')
    await untilFromFiles(`/~${t}/Contact/${id}`)
    for (let at = 0; at < 8; at++) {
      const { headers } = await call('PATCH', `/~${t}/Contact/${id}`, { name: `Ada ${at}` })
      const bookmark = headers.get('x-headlessly-bookmark') ?? ''
      const carried = at % 2 === 0 ? { 'x-headlessly-bookmark': bookmark } : {}
      expect((await ask(`/~${t}/Contact/${id}`, carried)).text, `write ${at}`).toContain(`"name":"Ada ${at}"`)
      expect((await ask(`/~${t}/Contact?name=Ada+${at}`, carried)).text, `write ${at}`).toContain('"total":1')
      if (at === 3) await untilFromFiles(`/~${t}/Contact/${id}`)
    }
    await call('DELETE', `/~${t}/Contact/${id}`)
    expect((await ask(`/~${t}/Contact/${id}`)).status).toBe(404)
    expect((await ask(`/~${t}/Contact`)).text).toContain('"total":0')
  })

  test('no answer is older than what its client has seen, while others write and files follow', async () => {
    const t = tenant()
    const ids = await Promise.all([0, 1, 2].map((at) => create(t, 'Contact', { name: `Contact ${at}` })))
    const sources = new Map<string, number>()
    const seqOf = (headers: Headers): number => Number(headers.get('x-headlessly-bookmark')?.split('.')[1])
    /** Odd clients send bookmarks; one of each kind only reads. */
    const client = async (number: number): Promise<void> => {
      const versions = new Map<string, number>()
      let bookmark = ''
      const step = async (path: string, id: string, body?: object): Promise<void> => {
        const carried: Record<string, string> =
          number % 2 === 1 && bookmark !== '' ? { 'x-headlessly-bookmark': bookmark } : {}
        const method = body === undefined ? 'GET' : 'PATCH'
        const answer = await call(method, `/~${t}/Contact${path}`, body, carried)
        expect(answer.status).toBe(200)
        const entities = (answer.body['results'] ?? [answer.body]) as { $id: string; $version: number }[]
        const version = entities.find(({ $id }) => $id === id)?.$version ?? 0
        expect(version, `${path} from ${sourceOf({ ...answer, text: '' })}`).toBeGreaterThanOrEqual(
          versions.get(id) ?? 0,
        )
        // A client without bookmarks is guaranteed to see its own writes only.
        if (number % 2 === 1 || body !== undefined) versions.set(id, version)
        if (number % 2 === 1 && bookmark !== '') {
          expect(seqOf(answer.headers)).toBeGreaterThanOrEqual(Number(bookmark.split('.')[1]))
        }
        bookmark = answer.headers.get('x-headlessly-bookmark') ?? ''
        const source = `${method} ${answer.headers.get('x-headlessly-source')}`
        sources.set(source, (sources.get(source) ?? 0) + 1)
      }
      for (let round = 0; round < 2; round++) {
        for (let count = 0; count < 15; count++) {
          const id = ids[(count + number) % ids.length] ?? ''
          if (number < 4 && count < 8) await step(`/${id}`, id, { leadScore: 100 * round + count })
          await step(count % 3 === 0 ? '' : `/${id}`, id)
          await new Promise((resolve) => setTimeout(resolve, 1 + ((count * 7 + number) % 10)))
        }
        await untilFromFiles(`/~${t}/Contact?limit=${10 + number}`)
        for (const id of ids) await step(`/${id}`, id)
      }
    }
    await Promise.all([0, 1, 2, 3, 4, 5].map(client))
    for (const source of ['object', 'files', 'cache']) expect(sources.get(`GET ${source}`), source).toBeGreaterThan(2)
  })

  test('a refused writer reads the state that conflicted', async () => {
    const t = tenant()
    const id = await create(t, 'Contact', { name: 'Ada' })
    await untilFromFiles(`/~${t}/Contact/${id}`)
    await call('PATCH', `/~${t}/Contact/${id}`, { name: 'Eve' })
    const refused = await call('PATCH', `/~${t}/Contact/${id}`, { name: 'Bob' }, { 'if-match': '"1"' })
    expect(refused.status).toBe(412)
    expect((await ask(`/~${t}/Contact/${id}`)).headers.get('etag')).toBe('"2"')
  })

  test('an invalid bookmark, or one beyond or outside this log, is refused', async () => {
    const t = tenant()
    const id = await create(t, 'Contact', { name: 'Ada' })
    const { headers } = await untilFromFiles(`/~${t}/Contact/${id}`)
    const [epoch] = (headers.get('x-headlessly-bookmark') ?? '').split('.')
    const statusOf = async (bookmark: string): Promise<number> =>
      (await ask(`/~${t}/Contact/${id}`, { 'x-headlessly-bookmark': bookmark })).status
    expect(await statusOf(`${epoch}.1`)).toBe(200)
    expect(await statusOf(`${epoch}.2`)).toBe(409)
    expect(await statusOf('another.1')).toBe(409)
    expect(await statusOf('!')).toBe(400)
  })
})

describe.concurrent('damaged files on disk', () => {
  const damages = [
    {
      how: 'changed',
      damage: (file: string) =>
        writeFileSync(
          file,
          readFileSync(file).map((byte, at) => (at % 97 === 50 ? byte ^ 1 : byte)),
        ),
    },
    { how: 'cut', damage: (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 100)) },
    { how: 'empty', damage: (file: string) => writeFileSync(file, '') },
    { how: 'missing', damage: (file: string) => rmSync(file) },
  ]

  test('never fail a read, however they are damaged', async () => {
    const check = async ({ how, damage }: (typeof damages)[number]): Promise<void> => {
      const t = tenant()
      const id = await create(t, 'Contact', { name: 'Ada' })
      await create(t, 'Deal', { name: 'Deal', value: 1, contact: id })
      await untilFromFiles(`/~${t}/Organization`)
      const files = filesOf(t)
      expect(files.length).toBeGreaterThan(1)
      for (const file of files) damage(file)
      for (const path of [`/Contact/${id}`, '/Contact', '/Deal?include=contact', '/Deal/count?value=1']) {
        const answer = await ask(`/~${t}${path}`)
        const wanted = await ask(strong(`/~${t}${path}`))
        expect(comparable(answer), `${path}, ${how}`).toEqual(comparable(wanted))
        expect([answer.status, sourceOf(answer)], `${path}, ${how}`).toEqual([200, 'object'])
      }
    }
    await Promise.all(damages.map(check))
  })

  test('never fail a read if the manifest is damaged', async () => {
    const check = async ({ how, damage }: (typeof damages)[number]): Promise<void> => {
      const t = tenant()
      await create(t, 'Contact', { name: 'Ada' })
      await untilFromFiles(`/~${t}/Contact`)
      damage(join(dataFolder, 'lake', t, 'manifest.json'))
      const answer = await untilFrom(/^object$/, `/~${t}/Contact`)
      expect([answer.status, JSON.parse(answer.text)], how).toMatchObject([200, { total: 1 }])
    }
    await Promise.all(damages.map(check))
  })
})
