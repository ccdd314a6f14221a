// The pages of the server that ships: which form a client gets, and that every address on a page answers.

import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'parse5'
import { beforeAll, describe, expect, test } from 'vitest'
import { commandsOf } from '../src/pages/commands.ts'
import { attributeOf, elementsOf, textOf } from './html-tree.ts'
import { useServer } from './server.ts'

const { call, url, tenant, dataFolder } = useServer()
const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const hostileName = `<img src=x onerror=alert(1)> & "Söhne" 'שלום'`
let acme = ''

const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Response> =>
  fetch(url() + path, { method, headers })

beforeAll(async () => {
  acme = tenant()
  const { body } = await call('POST', `/~${acme}/Contact`, { name: hostileName })
  await call('POST', `/~${acme}/Contact/${String(body['$id'])}/qualify`)
  await call('PUT', `/~${acme}/schema/Vehicle`, {
    fields: { name: 'string!' },
    about: '</style><script>alert(1)</script>',
  })
  await call('POST', `/~${acme}/Vehicle`, { name: 'Truck' })
})

const markdown = 'text/markdown; charset=utf-8'
const html = 'text/html; charset=utf-8'

describe('the form of the answer', () => {
  test.each([
    ['/', '*/*', /^application\/json/],
    ['/', 'application/json', /^application\/json/],
    ['/', browser, html],
    ['/', 'text/markdown, text/html, */*', markdown],
    ['/~{t}', '*/*', 'application/json; charset=utf-8'],
    ['/~{t}', browser, html],
    ['/~{t}/', browser, html],
    ['/~{t}', 'text/markdown', markdown],
    ['/~nobody', browser, html],
    ['/~nobody', 'application/json', 'application/json; charset=utf-8'],
    ['/docs', browser, html],
    ['/docs', '*/*', markdown],
    ['/docs/readme', browser, html],
    ['/docs/readme', '*/*', markdown],
    ['/docs/readme.md', browser, markdown],
    ['/llms.txt', browser, 'text/plain; charset=utf-8'],
    ['/llms-full.txt', '*/*', 'text/plain; charset=utf-8'],
    ['/~{t}/llms.txt', '*/*', 'text/plain; charset=utf-8'],
    ['/~nobody/llms.txt', '*/*', 'text/plain; charset=utf-8'],
  ])('%s for %s', async (path, accept, type) => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await get(path.replace('{t}', acme), { accept }, method)
      expect([method, answer.status]).toEqual([method, 200])
      expect(answer.headers.get('content-type')).toMatch(type)
      expect(answer.headers.get('vary')).toContain('accept')
      const text = await answer.text()
      expect(text === '').toBe(method === 'HEAD')
      if (type === html && method === 'GET') expect(text).toMatch(/^<!doctype html>/)
    }
  })

  test('JSON and pages say the same', async () => {
    const overview = (await call('GET', `/~${acme}`)).body
    expect(overview).toMatchObject({
      $type: 'Overview',
      tenant: acme,
      events: 4,
      links: { schema: `${url()}/~${acme}/schema` },
    })
    const counts = (overview['entities'] as { name: string; count: number }[]).filter(({ count }) => count > 0)
    expect(counts.map(({ name, count }) => [name, count])).toEqual([
      ['Contact', 1],
      ['Vehicle', 1],
    ])
    const page = elementsOf(parse(await (await get(`/~${acme}`, { accept: browser })).text()))
    const cards = page.filter(({ tagName }) => tagName === 'li').map(textOf)
    for (const name of ['Contact', 'Vehicle'])
      expect(cards.some((card) => card.includes(name) && /\b1\b/.test(card.replaceAll(/\s+/g, ' ')))).toBe(true)
    expect(page.filter(({ tagName }) => tagName === 'td').map(textOf)).toContain(hostileName)
    const text = await (await get(`/~${acme}`, { accept: 'text/markdown' })).text()
    expect(text).toContain(`- [Contact](${url()}/~${acme}/Contact): 1.`)

    const front = (await call('GET', '/')).body as { tenants: { results: { name: string; counts: object }[] } }
    const summary = front.tenants.results.find(({ name }) => name === acme)
    expect(summary?.counts).toEqual({ entities: 2, events: 4 })
    const rows = elementsOf(parse(await (await get('/', { accept: browser })).text())).filter(
      ({ tagName }) => tagName === 'tr',
    )
    expect(rows.map(textOf).some((row) => row.replace(/\s+/g, ' ').includes(`${acme} 2 4 `))).toBe(true)
  })
})

test('every page runs and loads nothing but its own style and script, whose hashes its policy names', async () => {
  for (const path of ['/', `/~${acme}`, '/~nobody', '/docs', '/docs/readme']) {
    const answer = await get(path, { accept: browser })
    const elements = elementsOf(parse(await answer.text()))
    const hashes = elements
      .filter(({ tagName }) => tagName === 'style' || tagName === 'script')
      .map((one) => `${one.tagName}-src 'sha256-${createHash('sha256').update(textOf(one)).digest('base64')}'`)
    const policy = (answer.headers.get('content-security-policy') ?? '').split('; ')
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", ...hashes]),
    )
    expect(hashes).toHaveLength(2)
    const loaded = elements.flatMap(({ attrs }) => attrs).filter(({ name }) => ['src', 'srcset', 'data'].includes(name))
    expect(loaded).toEqual([])
    const links = elements.filter(({ tagName }) => tagName === 'link').map((one) => attributeOf(one, 'href'))
    expect(links.every((href) => href?.startsWith('data:'))).toBe(true)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  }
})

test('every address on every page answers, and the documentation links only to pages that exist', async () => {
  const waiting = ['/', `/~${acme}`, '/docs', '/docs/readme']
  const seen = new Set<string>()
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const [address = ''] = path.split('#')
    if (seen.has(address)) continue
    seen.add(address)
    const answer = await get(address, { accept: browser })
    expect([address, answer.status]).toEqual([address, 200])
    const text = await answer.text()
    if (answer.headers.get('content-type') !== html) continue
    const elements = elementsOf(parse(text))
    const ids = new Set(elements.flatMap((one) => attributeOf(one, 'id') ?? []))
    for (const link of elements.filter(({ tagName }) => tagName === 'a')) {
      const href = attributeOf(link, 'href') ?? ''
      if (href.startsWith('#')) expect(ids, address).toContain(decodeURIComponent(href.slice(1)))
      else if (href.startsWith('/') || href.startsWith(url())) waiting.push(href.replace(url(), ''))
      else expect(href, address).toMatch(/^https:\/\//)
    }
  }
  expect(seen.size).toBeGreaterThan(40)
})

test('a client that has the page is told that it is unchanged, and no tenant gets the page of another', async () => {
  const other = tenant()
  await call('POST', `/~${other}/Contact`, { name: 'Ada' })
  for (const path of ['/docs', '/docs/readme', '/llms-full.txt', `/~${acme}`, `/~${acme}/llms.txt`]) {
    const first = await get(path, { accept: browser })
    await first.text()
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^W\/"[0-9a-f]{32}"$/)
    expect(first.headers.get('cache-control')).toBe('private, no-cache')
    const again = await get(path, { accept: browser, 'if-none-match': `"x", ${etag}` })
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag])
    if (!path.startsWith('/~')) continue
    const others = await get(path.replace(acme, other), { accept: browser, 'if-none-match': etag })
    expect([others.status, (await others.text()).includes(acme)]).toEqual([200, false])
  }
  const etag = (await get(`/~${acme}`, { accept: browser })).headers.get('etag') ?? ''
  await call('POST', `/~${acme}/Vehicle`, { name: 'Van' })
  expect((await get(`/~${acme}`, { accept: browser, 'if-none-match': etag })).status).toBe(200)
})

test('other methods are refused with those that the path has, and other parameters by name', async () => {
  for (const path of ['/', '/docs', '/docs/readme', '/llms.txt', '/llms-full.txt', `/~${acme}`, `/~${acme}/llms.txt`])
    for (const method of ['POST', 'DELETE']) {
      const { status, headers } = await call(method, path, undefined, { accept: browser })
      expect([path, method, status, headers.get('allow')]).toEqual([path, method, 405, 'GET, HEAD'])
    }
  for (const accept of [browser, '*/*', 'text/markdown']) {
    const { body } = await call('GET', `/~${acme}?limit=5`, undefined, { accept })
    expect(body).toMatchObject({ status: 400, field: 'limit' })
  }
  expect((await get('/docs/nothing', { accept: browser })).status).toBe(404)
  expect((await get('/docs/../package.json')).status).toBe(404)
})

test('a tenant that does not exist has a page that says how it begins, and is not created by it', async () => {
  const name = tenant()
  const before = readdirSync(join(dataFolder, 'objects/headless.ly-tenants'))
  const page = await get(`/~${name}`, { accept: browser })
  const text = elementsOf(parse(await page.text()))
    .filter(({ tagName }) => tagName === 'main')
    .map(textOf)
    .join('')
  expect(text).toContain(`There is no tenant named ${name} yet.`)
  expect(text).toContain(`curl '${url()}/~${name}/Contact' -H 'content-type: application/json'`)
  expect((await call('GET', `/tenants/${name}`)).status).toBe(404)
  const files = (names: readonly string[]): readonly string[] => names.filter((file) => file.endsWith('.sqlite'))
  expect(files(readdirSync(join(dataFolder, 'objects/headless.ly-tenants')))).toEqual(files(before))
  const forms = [await get('/~Bad_Name', { accept: browser }), await get('/~undefined', { accept: browser })]
  expect(forms.map(({ status }) => status)).toEqual([400, 400])
})

test('no page is served under the name of another host', async () => {
  for (const path of ['/', '/docs', '/docs/readme', '/llms.txt', '/llms-full.txt', `/~${acme}`, `/~${acme}/llms.txt`])
    expect([path, (await getAs('evil.example', path)).status]).toEqual([path, 403])
})

test('the commands of a page do what their titles say', async () => {
  const name = tenant()
  const { groups } = commandsOf({ context: `${url()}/~${name}`, tenant: name })
  const textOfCommand = (title: string): string =>
    groups.flatMap(({ commands }) => commands).find((command) => command.title.startsWith(title))?.text ?? ''
  const root = resolve(import.meta.dirname, '../../..')
  const run = async (program: string, args: readonly string[]): Promise<string> =>
    (await promisify(execFile)(program, args, { cwd: root })).stdout
  const node = process.execPath
  const typescript = textOfCommand('Create, change and find')
  expect(await run(node, ['--conditions=source', '--no-warnings', '--input-type=module', '-e', typescript])).toContain(
    'Ada Lovelace',
  )
  // The file that npx runs in a checkout.
  const list = textOfCommand('List contacts').replace(
    'npx headlessly',
    `'${node}' packages/@headlessly/cli/bin/headlessly.js`,
  )
  expect(await run('sh', ['-c', list])).toContain('Ada Lovelace')
  if (spawnSync('curl', ['--version']).status !== 0) return
  const curl = async (title: string): Promise<unknown> =>
    JSON.parse(await run('sh', ['-c', textOfCommand(title).replace('curl ', 'curl -s ')]))
  expect(await curl('Create a contact')).toMatchObject({ name: 'Grace Hopper', stage: 'Lead' })
  expect(await curl('List leads')).toMatchObject({ total: 1, results: [{ name: 'Grace Hopper' }] })
  expect(await curl('Run a function')).toMatchObject({ result: 2 })
})

describe('texts for language models', () => {
  /** The form of llmstxt.org: a title, a summary, any text, and then sections of links only. */
  function checkForm(text: string): readonly string[] {
    const [head = '', ...sections] = text.split(/^## /m)
    expect(head).toMatch(/^# [^\n]+\n\n> [^\n]+\n/)
    expect(head.match(/^#/gm)).toHaveLength(1)
    expect(sections.length).toBeGreaterThan(1)
    return sections.flatMap((section) => {
      const [, ...lines] = section.split('\n').filter((line) => line !== '')
      for (const line of lines) expect(line).toMatch(/^- \[[^\]]+\]\(http[^)]+\)(?:: .+)?$/)
      return lines.map((line) => /\((http[^)]+)\)/.exec(line)?.[1] ?? '')
    })
  }

  test('llms.txt has the form of llmstxt.org, lists tenants and documentation, and every address in it answers', async () => {
    const links = checkForm(await (await get('/llms.txt')).text())
    expect(links).toContain(`${url()}/~${acme}/llms.txt`)
    expect(links).toContain(`${url()}/docs/reading.md`)
    for (const link of links) expect([link, (await fetch(link)).status]).toEqual([link, 200])
  })

  test('a tenant describes its entity types with all fields and verbs, and its calls, as OpenAPI does', async () => {
    const text = await (await get(`/~${acme}/llms.txt`)).text()
    const links = checkForm(text)
    const schemas = (await call('GET', `/~${acme}/schema`)).body as Record<
      string,
      { fields: { name: string }[]; verbs: { verb: string; category: string }[] }
    >
    expect(Object.keys(schemas)).toContain('Vehicle')
    for (const [name, { fields, verbs }] of Object.entries(schemas)) {
      const line =
        text.split('\n').find((one) => one.startsWith(`- [${name}](${url()}/~${acme}/schema/${name}): `)) ?? ''
      for (const field of fields) expect(line).toMatch(new RegExp(`[\`; ]${field.name}: \\S`))
      for (const { verb } of verbs.filter(({ category }) => category === 'custom')) expect(line).toContain(verb)
    }
    for (const link of links) expect([link, (await fetch(link)).status]).toEqual([link, 200])
    const { paths } = (await call('GET', `/~${acme}/openapi`)).body as { paths: Record<string, object> }
    const generic = Object.keys(paths).map((path) => path.replace(/^\/[A-Z]\w*/, '/{Noun}'))
    for (const path of new Set(
      generic.filter(
        (one) =>
          !/^\/\{Noun\}\/(?:\{id\}\/)?(?!count|history|diff|references|rollback)[a-z]\w*$/.test(one) && one !== '/lake',
      ),
    ))
      expect(text, path).toContain(` ${path}\``)
  })

  test('a host with a lens lists its entity types', async () => {
    const lensed = url().replace('localhost', 'crm.localhost').replace('http://', '')
    const port = lensed.slice(lensed.indexOf(':') + 1)
    const answer = await call('GET', `/~${acme}`)
    const listed = (answer.body['entities'] as { name: string }[]).map(({ name }) => name)
    expect(listed).toEqual(Object.keys((await call('GET', `/~${acme}/schema`)).body))
    const { status, body } = await getAs(`crm.localhost:${port}`, `/~${acme}`)
    expect(status).toBe(200)
    const names = (JSON.parse(body) as { entities: { name: string }[] }).entities.map(({ name }) => name)
    expect(names).toContain('Contact')
    expect(names).toContain('Vehicle')
    expect(names).not.toContain('Invoice')
  })

  test('llms-full.txt is the documentation of the repository, page after page', async () => {
    const text = await (await get('/llms-full.txt')).text()
    const root = resolve(import.meta.dirname, '../../..')
    const files = [
      'README.md',
      ...readdirSync(join(root, 'docs'))
        .filter((name) => name.endsWith('.md'))
        .map((name) => `docs/${name}`),
    ]
    for (const file of files) expect(text.includes(readFileSync(join(root, file), 'utf8').trim()), file).toBe(true)
  })
})

/** `fetch` cannot set the host. */
async function getAs(host: string, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const { request } = await import('node:http')
  const { port } = new URL(url())
  return new Promise((done, fail) => {
    request({ host: '127.0.0.1', port, path, headers: { host } }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      answer.on('end', () => done({ status: answer.statusCode ?? 0, body }))
    })
      .on('error', fail)
      .end()
  })
}
