// The console under `/console`: its files from the binding of static files, and its page, which the Worker carries, at every
// other path below. The page's policy lets it load nothing but what this server answers.

import { type Context, Hono } from 'hono'
import { acceptsGzip } from '../base/compressed-body.ts'
import type { Env } from '../base/env.ts'
import { notFound } from '../base/error-response.ts'
import { localTarget } from '../base/local-only.ts'
import { refuseMethod } from './refuse-method.ts'

export const consoleRoutes = new Hono<{ Bindings: Env }>()

const policy = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
  `img-src 'self' data: blob:`,
  `font-src 'self'`,
  `connect-src 'self'`,
  `form-action 'self'`,
  `base-uri 'none'`,
  `frame-ancestors 'none'`,
  `require-trusted-types-for 'script'`,
].join('; ')

const typeOf: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}

/** Names that the build makes; a compressed form is no name of its own. */
const assetName = /^[a-z0-9-]+-[A-Z0-9]{8}\.(js|css)$/

consoleRoutes.get('/console/assets/:name', async (c) => {
  localTarget(c.req.url, c.env)
  const name = c.req.param('name')
  const [, ending = ''] = assetName.exec(name) ?? []
  const file = typeOf[ending] === undefined ? undefined : await readAsset(c, name)
  if (file === undefined) return missing(c)
  // The name changes with the content.
  const headers = new Headers({
    'content-type': typeOf[ending] ?? '',
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
  })
  if (file.coding === undefined) return new Response(file.body, { headers })
  headers.set('content-encoding', file.coding)
  // Otherwise the runtime compresses again.
  return new Response(file.body, { headers, encodeBody: 'manual' })
})

consoleRoutes.get('/console/assets/*', (c) => missing(c))

for (const path of ['/console', '/console/*']) {
  consoleRoutes.get(path, async (c) => {
    localTarget(c.req.url, c.env)
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': policy,
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    }
    // The build writes this module, so routes can be listed without it.
    const { consolePage } = await import('#console')
    return new Response(consolePage, { headers })
  })
  consoleRoutes.all(path, (c) => refuseMethod(c.req, 'GET, HEAD'))
}

type RouteContext = Context<{ Bindings: Env }>

/** A release that is newer than the page that asks lacks the files of the page; the answer must not be cached. */
async function missing(c: RouteContext): Promise<Response> {
  const answer = await notFound({ request: c.req.raw, env: c.env })
  const headers = new Headers(answer.headers)
  headers.set('cache-control', 'no-store')
  return new Response(answer.body, { status: answer.status, headers })
}

interface Asset {
  readonly body: ReadableStream | null
  /** The content coding of the body, if it is compressed. */
  readonly coding?: 'br' | 'gzip'
}

/** Reads the smallest form that the client takes. On Cloudflare the platform has compressed or will. */
async function readAsset({ req, env }: RouteContext, name: string): Promise<Asset | undefined> {
  const accepted = req.header('accept-encoding') ?? null
  const forms: readonly (readonly [string, Asset['coding']])[] = [
    ...(/(?:^|,)\s*br\s*(?:,|$|;\s*q=(?:1|0\.[1-9]))/.test(accepted ?? '') ? [['.br', 'br'] as const] : []),
    ...(accepted !== null && acceptsGzip(accepted) ? [['.gz', 'gzip'] as const] : []),
    ['', undefined],
  ]
  for (const [suffix, coding] of forms) {
    const answer = await env.CONSOLE?.fetch(`http://console/console/assets/${name}${suffix}`)
    if (answer?.status === 200) return coding === undefined ? { body: answer.body } : { body: answer.body, coding }
    await answer?.body?.cancel()
  }
  return undefined
}
