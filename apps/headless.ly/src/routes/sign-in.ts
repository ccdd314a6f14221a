// The routes on which people sign in and out, and see where they are signed in. Every change needs the origin of this server.

import { ObjectError } from 'digital-objects'
import { type Context, Hono } from 'hono'
import {
  type Account,
  type Device,
  type Membership,
  type Security,
  sessionMsMax,
  type SignedIn,
  type Site,
} from 'oauth.do/directory'
import type { Env } from '../base/env.ts'
import { localTarget } from '../base/local-only.ts'
import { senderAddress } from '../base/sender-address.ts'
import { endedCookie, signInCookie, signInSecret, upstreamState, upstreamStateCookie } from '../base/sign-in-cookie.ts'
import { withoutLens } from '../contexts/lens-of.ts'
import { directoryOf, valueOf } from '../identity/directory-of.ts'
import { becomeOwner } from '../identity/join-tenant.ts'
import { requirePerson } from '../identity/operator.ts'
import { personOf } from '../identity/people.ts'
import { chooseForm } from '../pages/choose-form.ts'
import type { Page } from '../pages/layout.ts'
import { htmlResponse } from '../pages/page-response.ts'
import {
  accountPage,
  claimForm,
  type FormPage,
  formPage,
  invitationForm,
  linkPage,
  recoverForm,
  recoveryCodesPage,
  secondFactorPage,
  signInPage,
} from '../pages/sign-in-pages.ts'
import { type Fields, isForm, readFields, requireField } from './form-request.ts'
import { refuseMethod } from './refuse-method.ts'

type RouteContext = Context<{ Bindings: Env }>

const noStore = { 'cache-control': 'no-store' }

export const signInRoutes = new Hono<{ Bindings: Env }>()

signInRoutes.get('/sign-in', async (c) => pageResponse(c, await signInPageOf(c, safePath(c.req.query('to')))))

signInRoutes.get('/sign-in/state', async (c) => {
  localTarget(c.req.url, c.env)
  return Response.json({ isClaimed: await directoryOf(c.env).isClaimed() }, { headers: noStore })
})

for (const [path, form] of [
  ['/sign-in/claim', claimForm],
  ['/sign-in/recover', recoverForm],
  ['/sign-in/invitation', invitationForm],
] as const)
  signInRoutes.get(path, (c) => pageResponse(c, formPage(form)))

signInRoutes.post('/sign-in/claim', (c) =>
  answerForm(c, claimForm, async (fields) => {
    const [code, name, email] = [
      requireField(fields, 'code'),
      requireField(fields, 'name'),
      requireField(fields, 'email'),
    ]
    return signIn(c, valueOf(await directoryOf(c.env).takeOwnerLink({ code, name, email, device: deviceOf(c) })))
  }),
)

signInRoutes.post('/sign-in/recover', (c) =>
  answerForm(c, recoverForm, async (fields) =>
    signIn(c, valueOf(await directoryOf(c.env).recover(requireField(fields, 'code'), deviceOf(c)))),
  ),
)

signInRoutes.post('/sign-in/invitation', (c) =>
  answerForm(c, invitationForm, async (fields) => {
    const code = requireField(fields, 'code')
    const secret = signInSecret(c.req.raw.headers, c.env)
    const request = { code, secret, name: fields['name'] ?? '', device: deviceOf(c) }
    const { tenant, user, ...signedIn } = valueOf(await directoryOf(c.env).acceptInvitation(request))
    return signIn(c, signedIn, { more: { tenant, user } })
  }),
)

signInRoutes.post('/sign-in/passkey/options', async (c) => {
  await readFields(c.req.raw, c.env)
  return jsonText(await directoryOf(c.env).signInOptions(siteOf(c)))
})

signInRoutes.post('/sign-in/passkey', async (c) => {
  const fields = await readFields(c.req.raw, c.env)
  const answer = { response: requireField(fields, 'response'), site: siteOf(c), device: deviceOf(c) }
  return signIn(c, valueOf(await directoryOf(c.env).signInByPasskey(answer)))
})

signInRoutes.post('/sign-in/password', async (c) => {
  const fields = await readFields(c.req.raw, c.env)
  const to = safePath(fields['to'])
  try {
    const [email, password] = [requireField(fields, 'email'), requireField(fields, 'password')]
    const asked = { email, password, otp: fields['otp'], device: deviceOf(c) }
    return signIn(c, valueOf(await directoryOf(c.env).signInByPassword(asked)), { to })
  } catch (error) {
    if (!(error instanceof ObjectError) || !isForm(c.req.raw)) throw error
    return pageResponse(c, await signInPageOf(c, to, error.message), 400)
  }
})

for (const path of ['/sign-in/provider', '/account/provider'] as const)
  signInRoutes.post(path, async (c) => {
    await readFields(c.req.raw, c.env)
    const secret = path === '/account/provider' ? requireSecret(c) : undefined
    const begun = valueOf(await directoryOf(c.env).beginUpstream({ redirectUri: callbackOf(c), secret }))
    const headers = { ...noStore, 'set-cookie': upstreamStateCookie(begun.state, c.env) }
    return Response.json({ url: begun.url }, { headers })
  })

signInRoutes.get('/sign-in/callback', async (c) => {
  const { search } = localTarget(c.req.url, c.env)
  const { headers } = c.req.raw
  const redirectUri = callbackOf(c)
  const answer = { url: redirectUri + search, redirectUri, state: upstreamState(headers, c.env) }
  const outcome = await directoryOf(c.env).finishUpstream({
    ...answer,
    secret: signInSecret(headers, c.env),
    device: deviceOf(c),
  })
  if (!outcome.ok) return pageResponse(c, await signInPageOf(c, '/account', outcome.error.message), 400)
  const answered = redirect('/account', { 'set-cookie': upstreamStateCookie('', c.env) })
  answered.headers.append('set-cookie', cookieFor(c, outcome.value.secret))
  return answered
})

signInRoutes.post('/account/provider/unlink', async (c) => {
  await readFields(c.req.raw, c.env)
  valueOf(await directoryOf(c.env).unlinkUpstream(requireSecret(c)))
  return done(c, { to: '/account' })
})

signInRoutes.post('/account/password', (c) =>
  answerAccount(c, async (fields) => {
    const passwords = { password: requireField(fields, 'password'), current: fields['current'] ?? '' }
    valueOf(await directoryOf(c.env).setPassword(requireSecret(c), passwords))
    return done(c, { to: '/account' })
  }),
)

signInRoutes.post('/account/second-factor/begin', (c) =>
  answerAccount(c, async () => {
    const begun = valueOf(await directoryOf(c.env).beginSecondFactor(requireSecret(c)))
    return isForm(c.req.raw) ? pageResponse(c, secondFactorPage(begun)) : Response.json(begun, { headers: noStore })
  }),
)

signInRoutes.post('/account/second-factor/confirm', (c) =>
  answerAccount(c, async (fields) => {
    const otp = requireField(fields, 'otp')
    const recoveryCodes = valueOf(await directoryOf(c.env).confirmSecondFactor(requireSecret(c), otp))
    if (isForm(c.req.raw)) return pageResponse(c, recoveryCodesPage(recoveryCodes))
    return Response.json({ recoveryCodes }, { headers: noStore })
  }),
)

signInRoutes.post('/account/second-factor/end', (c) =>
  answerAccount(c, async (fields) => {
    valueOf(await directoryOf(c.env).endSecondFactor(requireSecret(c), requireField(fields, 'otp')))
    return done(c, { to: '/account' })
  }),
)

signInRoutes.post('/account/passkeys/options', async (c) => {
  await readFields(c.req.raw, c.env)
  return jsonText(valueOf(await directoryOf(c.env).passkeyOptions(requireSecret(c), siteOf(c))))
})

signInRoutes.post('/account/passkeys', async (c) => {
  const fields = await readFields(c.req.raw, c.env)
  const made = { response: requireField(fields, 'response'), site: siteOf(c), device: deviceOf(c) }
  valueOf(await directoryOf(c.env).addPasskey(requireSecret(c), made))
  return done(c, { to: '/account' })
})

signInRoutes.post('/account/passkeys/remove', async (c) => {
  const fields = await readFields(c.req.raw, c.env)
  valueOf(await directoryOf(c.env).removePasskey(requireSecret(c), requireField(fields, 'passkey')))
  return done(c, { to: '/account' })
})

signInRoutes.post('/sign-out', async (c) => {
  await readFields(c.req.raw, c.env)
  const secret = signInSecret(c.req.raw.headers, c.env)
  // A session that has ended already is no fault.
  if (secret !== undefined) await directoryOf(c.env).endSession(secret)
  return done(c, { to: '/sign-in', headers: { 'set-cookie': endedCookie(c.env) } })
})

signInRoutes.get('/account', async (c) => {
  localTarget(c.req.url, c.env)
  if (!prefersHtml(c)) return Response.json(await accountOf(c), { headers: noStore })
  const person = await personOf({ headers: c.req.raw.headers, env: c.env })
  if (person === undefined) return redirect('/sign-in')
  const security = valueOf(await directoryOf(c.env).securityOf(requireSecret(c)))
  return pageResponse(c, accountPage({ person, security }))
})

signInRoutes.post('/account/sessions/end', async (c) => {
  const fields = await readFields(c.req.raw, c.env)
  valueOf(await directoryOf(c.env).endSession(requireSecret(c), requireField(fields, 'session')))
  return done(c, { to: '/account' })
})

signInRoutes.post('/account/tenants', async (c) => {
  const fields = await readFields(c.req.raw, c.env)
  const person = await requirePerson(c.req.raw, c.env)
  const tenant = requireField(fields, 'tenant')
  const { PUBLIC_URL: base = withoutLens(localTarget(c.req.url, c.env)) } = c.env
  const user = await becomeOwner({ env: c.env, person, tenant, context: `${base}/~${tenant}` })
  valueOf(await directoryOf(c.env).join(requireSecret(c), { tenant, user }))
  return done(c, { to: `/~${tenant}`, body: { tenant, user } })
})

signInRoutes.post('/account/recovery', async (c) => {
  const fields = await readFields(c.req.raw, c.env)
  const email = requireField(fields, 'email')
  const { code, endsMs } = valueOf(await directoryOf(c.env).makeRecovery(requireSecret(c), email))
  const link = `${c.env.PUBLIC_URL ?? withoutLens(localTarget(c.req.url, c.env))}/sign-in/recover#${code}`
  if (isForm(c.req.raw)) return pageResponse(c, linkPage({ email, link }))
  return Response.json({ link, endsAt: new Date(endsMs).toISOString() }, { headers: noStore })
})

const posts = [
  '/sign-out',
  '/sign-in/password',
  '/sign-in/provider',
  '/account/provider',
  '/account/provider/unlink',
  '/sign-in/passkey',
  '/sign-in/passkey/options',
  '/account/password',
  '/account/second-factor/begin',
  '/account/second-factor/confirm',
  '/account/second-factor/end',
  '/account/passkeys',
  '/account/passkeys/options',
  '/account/passkeys/remove',
  '/account/sessions/end',
  '/account/tenants',
  '/account/recovery',
]

for (const path of ['/sign-in', '/sign-in/state', '/sign-in/callback', '/account'])
  signInRoutes.all(path, (c) => refuseMethod(c.req, 'GET, HEAD'))
for (const path of ['/sign-in/claim', '/sign-in/recover', '/sign-in/invitation'])
  signInRoutes.all(path, (c) => refuseMethod(c.req, 'GET, HEAD, POST'))
for (const path of posts) signInRoutes.all(path, (c) => refuseMethod(c.req, 'POST'))

/** The signed-in person, as programs see it. */
interface AccountAnswer extends Security {
  readonly account: Account
  readonly memberships: readonly Membership[]
  /** The id of the session that the request belongs to. */
  readonly session: string
}

async function accountOf(c: RouteContext): Promise<AccountAnswer> {
  const { account, memberships, session } = await requirePerson(c.req.raw, c.env)
  const security = valueOf(await directoryOf(c.env).securityOf(requireSecret(c)))
  return { account, memberships, session: session.id, ...security }
}

/** Passkeys are bound to the host name of the page, which may be no address. */
function siteOf(c: RouteContext): Site {
  const origin = c.req.header('origin') ?? ''
  const { hostname } = new URL(origin)
  if (!/^[\d.]+$|^\[/.test(hostname)) return { origin, rpId: hostname }
  throw new ObjectError({
    code: 'validation_error',
    field: 'Host',
    message: 'Host: passkeys work by a host name, not by an address; open http://localhost on this machine',
  })
}

/** The path of this server to open after the sign-in; that of another host is left out. */
function safePath(to: string | undefined): string {
  const isOwn = to !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(to) && !to.includes('\\')
  return isOwn ? to : '/account'
}

function jsonText(text: string): Response {
  return new Response(text, { headers: { 'content-type': 'application/json; charset=utf-8', ...noStore } })
}

function requireSecret(c: RouteContext): string {
  const secret = signInSecret(c.req.raw.headers, c.env)
  if (secret !== undefined) return secret
  throw new ObjectError({ code: 'unauthorized', message: 'nobody is signed in here' })
}

function cookieFor(c: RouteContext, secret: string): string {
  return signInCookie(secret, { env: c.env, lifeSeconds: sessionMsMax / 1_000 })
}

function callbackOf(c: RouteContext): string {
  return `${c.env.PUBLIC_URL ?? withoutLens(localTarget(c.req.url, c.env))}/sign-in/callback`
}

async function signInPageOf(c: RouteContext, to: string, fault?: string): Promise<Page> {
  localTarget(c.req.url, c.env)
  const provider = (await directoryOf(c.env).providerName()) ?? undefined
  return signInPage({ to, provider, fault })
}

interface SignInAnswer {
  /** The path of this server that a form opens next. */
  readonly to?: string
  /** Members of the answer besides the account. */
  readonly more?: object
}

function signIn(
  c: RouteContext,
  { secret, account }: SignedIn,
  { to = '/account', more = {} }: SignInAnswer = {},
): Response {
  const cookie = cookieFor(c, secret)
  return done(c, { to, body: { account, ...more }, headers: { 'set-cookie': cookie } })
}

/** A form that is refused is shown again, with the reason. */
async function answerForm(
  c: RouteContext,
  form: FormPage,
  work: (fields: Fields) => Promise<Response>,
): Promise<Response> {
  try {
    return await work(await readFields(c.req.raw, c.env))
  } catch (error) {
    if (!(error instanceof ObjectError) || !isForm(c.req.raw)) throw error
    return pageResponse(c, formPage(form, error.message), 400)
  }
}

/** A form of the account page that is refused shows the page again, with the reason. */
async function answerAccount(c: RouteContext, work: (fields: Fields) => Promise<Response>): Promise<Response> {
  try {
    return await work(await readFields(c.req.raw, c.env))
  } catch (error) {
    if (!(error instanceof ObjectError) || !isForm(c.req.raw)) throw error
    const person = await personOf({ headers: c.req.raw.headers, env: c.env })
    if (person === undefined) throw error
    const security = valueOf(await directoryOf(c.env).securityOf(requireSecret(c)))
    return pageResponse(c, accountPage({ person, security, fault: error.message }), 400)
  }
}

/** A program gets the body as JSON, and a form the next page. */
function done(
  c: RouteContext,
  {
    to,
    body = {},
    headers = {},
  }: { readonly to: string; readonly body?: object; readonly headers?: Record<string, string> },
): Response {
  return isForm(c.req.raw) ? redirect(to, headers) : Response.json(body, { headers: { ...noStore, ...headers } })
}

function redirect(to: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status: 303, headers: { location: to, ...noStore, ...headers } })
}

function pageResponse(c: RouteContext, page: Page, status = 200): Promise<Response> {
  localTarget(c.req.url, c.env)
  return htmlResponse(page, { request: c.req.raw, headers: noStore, status })
}

function prefersHtml(c: RouteContext): boolean {
  const forms = [
    ['json', 'application/json'],
    ['html', 'text/html'],
  ] as const
  return chooseForm(c.req.raw.headers.get('accept'), forms) === 'html'
}

function deviceOf(c: RouteContext): Device {
  return { agent: c.req.header('user-agent') ?? '', address: senderAddress(c.req.raw, c.env) }
}
