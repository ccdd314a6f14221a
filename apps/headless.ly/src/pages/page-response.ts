// Pages and texts as responses: their types, an ETag, and a policy that lets a page load and run nothing but its own style
// and script.

import { bytesToHex } from 'digital-objects'
import { isCompressible } from '../base/compressed-body.ts'
import { varyHeader } from '../base/vary.ts'
import { type Page, pageToHtml } from './layout.ts'
import { copyScript, pageStyle } from './page-style.ts'

export interface TextOptions {
  readonly request: Request
  /** Headers besides those of every text. */
  readonly headers?: Readonly<Record<string, string>>
  readonly status?: number
}

export interface PageOptions extends TextOptions {
  /** The origins to which the page's forms may lead, besides its own; undefined for a page without forms. */
  readonly formTargets?: readonly string[]
}

export async function htmlResponse(page: Page, options: PageOptions): Promise<Response> {
  const { request, headers = {}, formTargets, ...status } = options
  const all = { ...(await pageHeaders(page, formTargets)), ...headers }
  return textResponse(pageToHtml(page), { request, headers: all, ...status })
}

export function markdownResponse(text: string, { request, headers = {} }: TextOptions): Promise<Response> {
  return textResponse(text, { request, headers: { 'content-type': 'text/markdown; charset=utf-8', ...headers } })
}

/** Markdown as plain text, which every browser shows. */
export function plainResponse(text: string, { request, headers = {} }: TextOptions): Promise<Response> {
  return textResponse(text, { request, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } })
}

async function textResponse(
  text: string,
  { request, headers, status = 200 }: TextOptions & { readonly headers: Readonly<Record<string, string>> },
): Promise<Response> {
  // Weak, since the runtime may compress the body.
  const etag = `W/"${bytesToHex(await digest(text)).slice(0, 32)}"`
  const all = new Headers({
    // A cache may keep it for the same client, and asks each time whether it has changed.
    'cache-control': 'private, no-cache',
    vary: varyHeader,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    ...headers,
  })
  const isKnown = status === 200 && isMatch(request.headers.get('if-none-match'), etag)
  all.set('etag', etag)
  const acceptEncoding = request.headers.get('accept-encoding')
  // The runtime compresses a body whose headers say so.
  if (!isKnown && isCompressible({ body: text }, acceptEncoding)) all.set('content-encoding', 'gzip')
  return isKnown ? new Response(null, { status: 304, headers: all }) : new Response(text, { status, headers: all })
}

async function pageHeaders(
  { formScript }: Page,
  formTargets: readonly string[] | undefined,
): Promise<Readonly<Record<string, string>>> {
  const scripts = [copyScript, ...(formScript === undefined ? [] : [formScript])]
  const targets =
    formTargets === undefined && formScript === undefined ? ["'none'"] : ["'self'", ...(formTargets ?? [])]
  const policy = [
    `default-src 'none'`,
    `style-src '${await hashOf(pageStyle)}'`,
    `script-src ${(await Promise.all(scripts.map(async (script) => `'${await hashOf(script)}'`))).join(' ')}`,
    ...(formScript === undefined ? [] : [`connect-src 'self'`]),
    'img-src data:', // the icon
    `base-uri 'none'`,
    // A browser also holds the redirect that answers a form to it.
    `form-action ${targets.join(' ')}`,
    `frame-ancestors 'none'`,
  ]
  return { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy.join('; ') }
}

async function hashOf(text: string): Promise<string> {
  const bytes = await digest(text)
  return `sha256-${btoa(String.fromCharCode(...bytes))}`
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

function isMatch(ifNoneMatch: string | null, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag.slice('W/'.length))
}
