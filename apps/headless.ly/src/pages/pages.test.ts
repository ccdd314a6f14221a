// Whole pages, rendered from generated tenants: valid HTML that loads nothing, runs nothing but its own script, and can be
// read by everybody.

import { execFileSync } from 'node:child_process'
import type { Overview } from 'digital-objects'
import fc from 'fast-check'
import { parse } from 'parse5'
import { describe, expect, test } from 'vitest'
import { attributeOf, type Element, elementsOf, hostileText, textOf } from '../../test/html-tree.ts'
import { commandsOf } from './commands.ts'
import { type FrontPage, frontPage, frontPageMarkdown } from './front-page.ts'
import { type Page, pageToHtml } from './layout.ts'
import { copyScript, pageStyle } from './page-style.ts'
import { tenantPage, tenantPageMarkdown } from './tenant-page.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

/** Hosts that a URL may have; the server answers to any name that ends in `.localhost`. */
const host = fc.constantFrom(
  'localhost:8787',
  '127.0.0.1',
  "a'b.localhost",
  '$(touch_x).localhost',
  '`x`;y&z".localhost',
)
const slug = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}[a-z0-9]$/)
const noun = fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,20}$/)
const timestamp = fc
  .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
  .map((date) => date.toISOString())

const overviews: fc.Arbitrary<Overview> = fc
  .record({
    tenant: slug,
    host,
    began: fc.option(timestamp),
    entities: fc.array(fc.record({ name: noun, about: hostileText, count: fc.nat(20_000) }), { maxLength: 130 }),
    latest: fc.array(fc.record({ name: hostileText, actor: hostileText, noun, timestamp }), { maxLength: 10 }),
  })
  .map(({ tenant, host: name, began, entities, latest }) => {
    const context = `http://${name}/~${tenant}`
    return {
      $type: 'Overview',
      tenant,
      context,
      began,
      events: latest.length,
      entities: entities.map((one) => ({ ...one, url: `${context}/${one.name}` })),
      latest: latest.map((one, at) => ({
        id: `evt_${at}`,
        seq: at + 1,
        type: `${one.noun}.Created`,
        target: `x_${at}`,
        name: one.name,
        version: 1,
        timestamp: one.timestamp,
        actor: one.actor,
        url: `${context}/${one.noun}/x_${at}`,
      })),
      links: {
        schema: `${context}/schema`,
        openapi: `${context}/openapi`,
        events: `${context}/events`,
        status: `${context}/status`,
        lake: `${context}/lake`,
        llms: `${context}/llms.txt`,
      },
    }
  })

const fronts = fc.record({
  base: host.map((name) => `http://${name}`),
  results: fc.array(
    fc.record({
      name: slug,
      createdAt: timestamp,
      counts: fc.option(fc.record({ entities: fc.nat(), events: fc.nat() }), { nil: undefined }),
    }),
    { maxLength: 50 },
  ),
  hasMore: fc.boolean(),
})
type Front = typeof fronts extends fc.Arbitrary<infer Value> ? Value : never

function toFrontPage({ base, results, hasMore }: Front): FrontPage {
  const links = { tenants: `${base}/tenants`, docs: `${base}/docs`, llms: `${base}/llms.txt`, llmsFull: `${base}/x` }
  const tenants = results.map(({ counts, ...one }) => ({
    ...one,
    url: `${base}/~${one.name}`,
    ...(counts === undefined ? {} : { counts }),
  }))
  const url = `${base}/~acme`
  const list = `${url}/Contact`
  const first = {
    list,
    schema: `${url}/schema`,
    openapi: `${url}/openapi`,
    events: `${url}/events`,
    lake: `${url}/lake`,
  }
  return { name: 'headless.ly', about: 'x', tenants: { results: tenants, hasMore }, try: first, links }
}

interface Parsed {
  readonly elements: readonly Element[]
  readonly errors: readonly string[]
  named(...names: readonly string[]): readonly Element[]
}

function parsePage(page: Page): Parsed {
  const errors: string[] = []
  const elements = elementsOf(parse(pageToHtml(page), { onParseError: ({ code }) => errors.push(code) }))
  return { elements, errors, named: (...names) => elements.filter(({ tagName }) => names.includes(tagName)) }
}

/** Checks that people with a keyboard or a screen reader can use the page, and that its policy breaks nothing. */
function checkPage(page: Page, base: string): void {
  const { elements, errors, named } = parsePage(page)
  expect(errors).toEqual([])
  expect(named('script').map(textOf)).toEqual([copyScript])
  expect(named('style').map(textOf)).toEqual([pageStyle])
  const attributes = elements.flatMap(({ attrs }) => attrs)
  expect(
    attributes.filter(({ name }) => name.startsWith('on') || ['style', 'src', 'srcset', 'action'].includes(name)),
  ).toEqual([])
  expect(named('link').map((one) => attributeOf(one, 'href')?.split(',')[0])).toEqual(['data:image/svg+xml'])
  for (const link of named('a')) {
    const href = attributeOf(link, 'href') ?? ''
    expect(href.startsWith('#') || href.startsWith('/') || href.startsWith(`${base}/`), href).toBe(true)
  }
  const ids = elements.flatMap((one) => attributeOf(one, 'id') ?? [])
  expect(new Set(ids).size).toBe(ids.length)
  for (const { name, value } of attributes) if (name === 'aria-labelledby') expect(ids).toContain(value)
  for (const landmark of ['header', 'nav', 'main', 'footer', 'h1', 'title'])
    expect(named(landmark).map(({ tagName }) => tagName)).toEqual([landmark])
  const levels = named('h1', 'h2', 'h3').map(({ tagName }) => Number(tagName.slice(1)))
  for (const [at, level] of levels.entries()) expect(level - (levels[at - 1] ?? 0)).toBeLessThanOrEqual(1)
  for (const region of elements.filter((one) => attributeOf(one, 'tabindex') !== undefined))
    expect([attributeOf(region, 'role'), attributeOf(region, 'tabindex')]).toEqual(['group', '0'])
}

describe(`seed ${seed}`, () => {
  test('the page of any tenant is valid and complete, and shows every name as it is', () => {
    fc.assert(
      fc.property(overviews, (overview) => {
        const page = tenantPage(overview)
        checkPage(page, overview.context.replace(/\/~.*$/, ''))
        const cells = parsePage(page)
          .named('td')
          .map((cell) => textOf(cell))
        const shown = (text: string): string =>
          text.toWellFormed().replace(/(?![\t\n])\p{Cc}|\p{Noncharacter_Code_Point}/gu, '\ufffd')
        if (overview.began !== null)
          for (const { name = '', actor } of overview.latest) {
            expect(cells).toContain(shown(name))
            expect(cells).toContain(shown(actor))
          }
      }),
      { seed, numRuns: 60 },
    )
  })

  test('the front page of any server is valid and complete', () => {
    fc.assert(
      fc.property(fronts, (front) => {
        checkPage(frontPage(toFrontPage(front), front.base), front.base)
        expect(frontPageMarkdown(toFrontPage(front), front.base)).toMatch(/^# headless\.ly\n/)
      }),
      { seed, numRuns: 60 },
    )
  })

  test('in Markdown, each event and each entity type is one line', () => {
    fc.assert(
      fc.property(overviews, (overview) => {
        const lines = tenantPageMarkdown(overview).split('\n')
        const { began, entities, latest } = overview
        const types = lines.filter((line) => /^- \[[A-Z]\w*\]\(http[^)]*\): \d+(?:\. |$)/.test(line))
        expect(types).toHaveLength(Math.min(entities.length, 100))
        const events = lines.filter((line) => /^- \d{4}-\S+ [A-Z]\w*\.Created \[/.test(line))
        expect(events).toHaveLength(latest.length)
        expect(began === null).toBe(lines.some((line) => line.startsWith('There is no tenant named')))
      }),
      { seed, numRuns: 60 },
    )
  })

  test('a shell takes each curl command as the words that the page shows, whatever the host is', () => {
    const places = fc.sample(fc.record({ name: host, tenant: slug }), { seed, numRuns: 12 })
    const commands = places.flatMap(({ name, tenant }) => {
      const context = `http://${name}/~${tenant}`
      return commandsOf({ context, tenant }).groups[0]?.commands.map(({ text }) => ({ text, context })) ?? []
    })
    // Each command prints its words, a line each, instead of sending them.
    const script = commands.map(({ text }) => text.replace(/^curl /, "printf '%s\\n' ")).join('\n')
    const words = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\n')
    for (const { context } of commands) {
      expect(words).toContain(`${context}/Contact`)
      expect(words).toContain(`${context}/events`)
    }
    expect(words).toContain('{"name":"Grace Hopper","email":"grace@example.com"}')
  })
})

test('the pages of a usual server are smaller than 30 KB', () => {
  const [overview] = fc.sample(overviews, { seed, numRuns: 1 })
  if (overview === undefined) throw new Error('nothing was generated')
  const about = 'A person outside the business, such as a prospect, a customer or a partner.'
  const entities = Array.from({ length: 35 }, (_, at) => ({
    name: `Entity${at}`,
    about,
    count: at,
    url: `${overview.context}/Entity${at}`,
  }))
  const event = {
    id: 'evt_0',
    seq: 1,
    type: 'Contact.Qualified',
    target: 'contact_000001000001',
    name: 'x'.repeat(80),
    version: 1,
    timestamp: '2026-11-29T00:00:00.000Z',
    actor: 'user_000001000001',
    url: `${overview.context}/Contact/contact_000001000001`,
  }
  for (const began of [null, '2026-11-29T00:00:00.000Z']) {
    const page = tenantPage({
      ...overview,
      context: `http://localhost:8787/~${overview.tenant}`,
      began,
      entities,
      latest: Array.from({ length: 10 }, () => event),
    })
    expect(new TextEncoder().encode(pageToHtml(page)).length).toBeLessThan(30_000)
  }
  const base = 'http://localhost:8787'
  const results = Array.from({ length: 50 }, (_, at) => ({
    name: `tenant-${at}`,
    createdAt: '2026-11-29T00:00:00.000Z',
    counts: { entities: 1_000, events: 2_000 },
  }))
  const front = pageToHtml(frontPage(toFrontPage({ base, results, hasMore: true }), base))
  expect(new TextEncoder().encode(front).length).toBeLessThan(30_000)
})
