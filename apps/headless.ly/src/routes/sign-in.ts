// The routes on which people sign in and out, and see where they are signed in. Every change needs the origin of this server.

import { ObjectError } from 'digital-objects'
import { type Context, Hono } from 'hono'
import {
  type Account,
  type Device,
  type Membership,
  sessionMsMax,
  type SignedIn,
  type SignIn,
} from 'oauth.do/directory'
import type { Env } from '../base/env.ts'
import { localTarget } from '../base/local-only.ts'
import { endedCookie, signInCookie, signInSecret } from '../base/sign-in-cookie.ts'
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
  signInPage,
} from '../pages/sign-in-pages.ts'
import { type Fields, isForm, readFields, requireField } from './form-request.ts'
import { refuseMethod } from './refuse-method.ts'

type RouteContext = Context<{ Bindings: Env }>

const noStore = { 'cache-control': 'no-store' }

export const signInRoutes = new Hono<{ Bindings: Env }>()

signInRoutes.get('/sign-in', (c) => pageResponse(c, signInPage()))

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
    return signIn(c, signedIn, { tenant, user })
  }),
)

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
  const { sessions } = await accountOf(c)
  return pageResponse(c, accountPage({ person, sessions }))
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

for (const path of ['/sign-in', '/sign-in/state', '/account'])
  signInRoutes.all(path, (c) => refuseMethod(c.req, 'GET, HEAD'))
for (const path of ['/sign-in/claim', '/sign-in/recover', '/sign-in/invitation'])
  signInRoutes.all(path, (c) => refuseMethod(c.req, 'GET, HEAD, POST'))
for (const path of ['/sign-out', '/account/sessions/end', '/account/tenants', '/account/recovery'])
  signInRoutes.all(path, (c) => refuseMethod(c.req, 'POST'))

/** The signed-in person, as programs see it. */
interface AccountAnswer {
  readonly account: Account
  readonly memberships: readonly Membership[]
  /** The id of the session that the request belongs to. */
  readonly session: string
  readonly sessions: readonly SignIn[]
}

async function accountOf(c: RouteContext): Promise<AccountAnswer> {
  const { account, memberships, session } = await requirePerson(c.req.raw, c.env)
  const sessions = valueOf(await directoryOf(c.env).sessionsOf(requireSecret(c)))
  return { account, memberships, session: session.id, sessions }
}

function requireSecret(c: RouteContext): string {
  const secret = signInSecret(c.req.raw.headers, c.env)
  if (secret !== undefined) return secret
  throw new ObjectError({ code: 'unauthorized', message: 'nobody is signed in here' })
}

function signIn(c: RouteContext, { secret, account }: SignedIn, more: object = {}): Response {
  const cookie = signInCookie(secret, { env: c.env, lifeSeconds: sessionMsMax / 1_000 })
  return done(c, { to: '/account', body: { account, ...more }, headers: { 'set-cookie': cookie } })
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
  return { agent: c.req.header('user-agent') ?? '', address: '' }
}
