// Pages of the server: its front page at `/`, the documentation, and both for language models.

import { type Context, Hono } from 'hono'
import { docs } from '#docs'
import type { EstablishCaller } from '../base/caller-of.ts'
import { findContext } from '../contexts/contexts.ts'
import { describeLens } from '../contexts/describe-lens.ts'
import { lensOf, withoutLens } from '../contexts/lens-of.ts'
import type { Env } from '../base/env.ts'
import { notFound } from '../base/error-response.ts'
import { localTarget } from '../base/local-only.ts'
import { chooseForm } from '../pages/choose-form.ts'
import { docLinks, docPage, docTexts, wholeDocs } from '../pages/docs-pages.ts'
import { frontPage, frontPageMarkdown } from '../pages/front-page.ts'
import { htmlResponse, markdownResponse, plainResponse, type TextOptions } from '../pages/page-response.ts'
import { serverGuide } from '../pages/server-guide.ts'
import { summarizeServer } from './summarize-server.ts'
import { refuseMethod } from './refuse-method.ts'

export function pageRoutes(establishCaller: EstablishCaller): Hono<{ Bindings: Env }> {
  const routes = new Hono<{ Bindings: Env }>()

  routes.get('/', async (c) => {
    const base = baseOf(c)
    const form = chooseForm(c.req.raw.headers.get('accept'), [
      ['json', 'application/json'],
      ['markdown', 'text/markdown'],
      ['html', 'text/html'],
    ])
    const summary = await summarizeServer(c, { base, establishCaller, isCounted: true })
    const target = localTarget(c.req.url, c.env)
    const lens = lensOf(target)
    const front = lens === undefined ? summary : { ...summary, context: describeLens(lens, target.origin) }
    if (form === 'html') return htmlResponse(frontPage(front, base), textOf(c))
    if (form === 'markdown') return markdownResponse(frontPageMarkdown(front, base), textOf(c))
    return Response.json(front, { headers: { 'cache-control': 'no-store', vary: 'accept, origin' } })
  })

  routes.get('/llms.txt', async (c) => {
    const base = baseOf(c)
    const front = await summarizeServer(c, { base, establishCaller, isCounted: false })
    return plainResponse(serverGuide({ front, base }), textOf(c))
  })

  routes.get('/llms-full.txt', async (c) => {
    baseOf(c)
    return plainResponse(await wholeDocs(), textOf(c))
  })

  routes.get('/docs', async (c) => {
    const base = baseOf(c)
    const [index] = docs
    return prefersHtml(c)
      ? htmlResponse(await docPage(index), textOf(c))
      : markdownResponse(`# ${index.title}\n\n${docLinks(base)}\n`, textOf(c))
  })

  routes.get('/docs/:name', async (c) => {
    baseOf(c)
    const name = c.req.param('name')
    const page = docs.find((doc) => doc.name === name || `${doc.name}.md` === name)
    if (page === undefined) return notFound({ request: c.req.raw, env: c.env })
    return page.name === name && prefersHtml(c)
      ? htmlResponse(await docPage(page), textOf(c))
      : markdownResponse((await docTexts(page)).markdown, textOf(c))
  })

  routes.get('/:context', (c, next) => contextIndex(c) ?? next())

  for (const path of ['/', '/llms.txt', '/llms-full.txt', '/docs', '/docs/:name'])
    routes.all(path, (c) => refuseMethod(c.req, 'GET, HEAD'))
  return routes
}

/** Returns undefined for a path that is the label of no context. */
function contextIndex(c: Context<{ Bindings: Env }>): Response | undefined {
  const target = localTarget(c.req.url, c.env)
  const [label = ''] = target.segments
  const lens = findContext(label) === undefined ? undefined : lensOf(target, label)
  return lens && Response.json(describeLens(lens, `${target.origin}/${label}`), { headers: { vary: 'origin' } })
}

/** The server's URL. Throws an ObjectError `forbidden` if the host is a foreign name. */
function baseOf(c: Context<{ Bindings: Env }>): string {
  return c.env.PUBLIC_URL ?? withoutLens(localTarget(c.req.url, c.env))
}

function textOf(c: Context<{ Bindings: Env }>): TextOptions {
  return { request: c.req.raw }
}

/** A client without a preference gets Markdown, which needs no browser. */
function prefersHtml(c: Context<{ Bindings: Env }>): boolean {
  const forms = [
    ['markdown', 'text/markdown'],
    ['html', 'text/html'],
  ] as const
  return chooseForm(c.req.raw.headers.get('accept'), forms) === 'html'
}
