// The account of a signed-in person: ways of signing in, sessions, and tenants. Every change needs the origin of this server.

import { ObjectError, parseParameters } from 'digital-objects'
import { Hono } from 'hono'
import type { StoredAuditEntry } from '@dotdo/service'
import type { Account, Membership, Security } from 'oauth.do/directory'
import type { Env } from '../base/env.ts'
import { localTarget } from '../base/local-only.ts'
import { withoutLens } from '../contexts/lens-of.ts'
import { directoryOf, valueOf } from '../identity/directory-of.ts'
import { becomeOwner } from '../identity/join-tenant.ts'
import { requirePerson } from '../identity/operator.ts'
import { personOf } from '../identity/people.ts'
import { recoveryLetter, sendLetter, serverMailOf } from '../identity/server-mail.ts'
import { chooseForm } from '../pages/choose-form.ts'
import { accountPage, linkPage, mailedPage, recoveryCodesPage, secondFactorPage } from '../pages/sign-in-pages.ts'
import { type Fields, isForm, readFields, requireField } from './form-request.ts'
import { refuseMethod } from './refuse-method.ts'
import {
  beginProvider,
  deviceOf,
  done,
  jsonText,
  noStore,
  pageResponse,
  redirect,
  requireSecret,
  type RouteContext,
  siteOf,
} from './sign-in-answers.ts'

export const accountRoutes = new Hono<{ Bindings: Env }>()

accountRoutes.post('/account/provider', async (c) => {
  await readFields(c.req.raw, c.env)
  return beginProvider(c, requireSecret(c))
})

accountRoutes.post('/account/provider/unlink', async (c) => {
  await readFields(c.req.raw, c.env)
  valueOf(await directoryOf(c.env).unlinkUpstream(requireSecret(c)))
  return done(c, { to: '/account' })
})

accountRoutes.post('/account/password', (c) =>
  answerAccount(c, async (fields) => {
    const passwords = { password: requireField(fields, 'password'), current: fields['current'] ?? '' }
    valueOf(await directoryOf(c.env).setPassword(requireSecret(c), passwords))
    return done(c, { to: '/account' })
  }),
)

accountRoutes.post('/account/second-factor/begin', (c) =>
  answerAccount(c, async () => {
    const begun = valueOf(await directoryOf(c.env).beginSecondFactor(requireSecret(c)))
    return isForm(c.req.raw) ? pageResponse(c, secondFactorPage(begun)) : Response.json(begun, { headers: noStore })
  }),
)

accountRoutes.post('/account/second-factor/confirm', (c) =>
  answerAccount(c, async (fields) => {
    const otp = requireField(fields, 'otp')
    const recoveryCodes = valueOf(await directoryOf(c.env).confirmSecondFactor(requireSecret(c), otp))
    if (isForm(c.req.raw)) return pageResponse(c, recoveryCodesPage(recoveryCodes))
    return Response.json({ recoveryCodes }, { headers: noStore })
  }),
)

accountRoutes.post('/account/second-factor/end', (c) =>
  answerAccount(c, async (fields) => {
    valueOf(await directoryOf(c.env).endSecondFactor(requireSecret(c), requireField(fields, 'otp')))
    return done(c, { to: '/account' })
  }),
)

accountRoutes.post('/account/passkeys/options', async (c) => {
  await readFields(c.req.raw, c.env)
  return jsonText(valueOf(await directoryOf(c.env).passkeyOptions(requireSecret(c), siteOf(c))))
})

accountRoutes.post('/account/passkeys', async (c) => {
  const fields = await readFields(c.req.raw, c.env)
  const made = { response: requireField(fields, 'response'), site: siteOf(c), device: deviceOf(c) }
  valueOf(await directoryOf(c.env).addPasskey(requireSecret(c), made))
  return done(c, { to: '/account' })
})

accountRoutes.post('/account/passkeys/remove', async (c) => {
  const fields = await readFields(c.req.raw, c.env)
  valueOf(await directoryOf(c.env).removePasskey(requireSecret(c), requireField(fields, 'passkey')))
  return done(c, { to: '/account' })
})

accountRoutes.get('/account', async (c) => {
  localTarget(c.req.url, c.env)
  if (!prefersHtml(c)) return Response.json(await accountOf(c), { headers: noStore })
  const person = await personOf({ headers: c.req.raw.headers, env: c.env })
  if (person === undefined) return redirect('/sign-in')
  const security = valueOf(await directoryOf(c.env).securityOf(requireSecret(c)))
  return pageResponse(c, accountPage({ person, security }))
})

accountRoutes.post('/account/sessions/end', async (c) => {
  const fields = await readFields(c.req.raw, c.env)
  valueOf(await directoryOf(c.env).endSession(requireSecret(c), requireField(fields, 'session')))
  return done(c, { to: '/account' })
})

accountRoutes.post('/account/tenants', async (c) => {
  const fields = await readFields(c.req.raw, c.env)
  const person = await requirePerson(c.req.raw, c.env)
  const tenant = requireField(fields, 'tenant')
  const { PUBLIC_URL: base = withoutLens(localTarget(c.req.url, c.env)) } = c.env
  const { now } = fields
  const user = await becomeOwner({ env: c.env, person, tenant, context: `${base}/~${tenant}`, now })
  valueOf(await directoryOf(c.env).join(requireSecret(c), { tenant, user }))
  return done(c, { to: `/~${tenant}`, body: { tenant, user } })
})

accountRoutes.get('/account/audit', async (c) => {
  const { search } = localTarget(c.req.url, c.env)
  const { limit = '100', cursor, ...unknown } = parseParameters(search)
  const [stray] = Object.keys(unknown)
  const isRight = /^\d{1,3}$/.test(limit) && Number(limit) >= 1 && /^\d{1,15}$/.test(cursor ?? '1')
  if (stray !== undefined || !isRight)
    throw new ObjectError({
      code: 'invalid_parameter',
      field: (stray ?? 'limit').slice(0, 64),
      message: 'expected limit, from 1 to 999, and the cursor of a page before',
    })
  const selection = { limit: Number(limit) + 1, ...(cursor === undefined ? {} : { before: Number(cursor) }) }
  const entries = valueOf(await directoryOf(c.env).audit(requireSecret(c), selection))
  const results = entries.slice(0, Number(limit)).map(describe)
  const hasMore = entries.length > results.length
  const last = hasMore ? String(entries[results.length - 1]?.id ?? 0) : null
  return Response.json({ results, hasMore, cursor: last }, { headers: noStore })
})

accountRoutes.post('/account/recovery', async (c) => {
  const fields = await readFields(c.req.raw, c.env)
  const email = requireField(fields, 'email')
  const { code, endsMs } = valueOf(await directoryOf(c.env).makeRecovery(requireSecret(c), email))
  const link = `${c.env.PUBLIC_URL ?? withoutLens(localTarget(c.req.url, c.env))}/sign-in/recover#${code}`
  const fault = await sendLetter(c.env, recoveryLetter({ email, link }))
  const isMailed = fault === undefined
  if (isForm(c.req.raw)) return pageResponse(c, isMailed ? mailedPage(email) : linkPage({ email, link }))
  const notSent = serverMailOf(c.env) === undefined ? {} : { notMailed: fault }
  const how = isMailed ? { mailedTo: email } : { link, ...notSent }
  return Response.json({ ...how, endsAt: new Date(endsMs).toISOString() }, { headers: noStore })
})

const posts = [
  '/account/provider',
  '/account/provider/unlink',
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

for (const path of ['/account', '/account/audit']) accountRoutes.all(path, (c) => refuseMethod(c.req, 'GET, HEAD'))
for (const path of posts) accountRoutes.all(path, (c) => refuseMethod(c.req, 'POST'))

function describe(entry: StoredAuditEntry): object {
  const { id: _id, atMs, ...shown } = entry
  return { at: new Date(atMs).toISOString(), ...shown }
}

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

function prefersHtml(c: RouteContext): boolean {
  const forms = [
    ['json', 'application/json'],
    ['html', 'text/html'],
  ] as const
  return chooseForm(c.req.raw.headers.get('accept'), forms) === 'html'
}
