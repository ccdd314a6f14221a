// The routes on which people sign in and out. Every change needs the origin of this server.

import { ObjectError } from 'digital-objects'
import { Hono } from 'hono'
import type { Env } from '../base/env.ts'
import { localTarget } from '../base/local-only.ts'
import { endedCookie, signInSecret, upstreamState, upstreamStateCookie } from '../base/sign-in-cookie.ts'
import { withoutLens } from '../contexts/lens-of.ts'
import { directoryOf, valueOf } from '../identity/directory-of.ts'
import { recoveryLetter, sendLetter, serverMailOf } from '../identity/server-mail.ts'
import { requireTrials } from '../identity/trials.ts'
import type { Page } from '../pages/layout.ts'
import {
  claimForm,
  type FormPage,
  formPage,
  invitationForm,
  mailedPage,
  recoverForm,
  signInPage,
  trialForm,
} from '../pages/sign-in-pages.ts'
import { type Fields, isForm, readFields, requireField } from './form-request.ts'
import { refuseMethod } from './refuse-method.ts'
import {
  beginProvider,
  callbackOf,
  cookieFor,
  deviceOf,
  done,
  jsonText,
  noStore,
  pageResponse,
  redirect,
  type RouteContext,
  signIn,
  siteOf,
} from './sign-in-answers.ts'

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
  ['/sign-in/trial', trialForm],
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

// The answer comes before the account is looked for, so neither it nor its time tells whether there is one.
signInRoutes.post('/sign-in/lost', async (c) => {
  const fields = await readFields(c.req.raw, c.env)
  const email = requireField(fields, 'email')
  if (serverMailOf(c.env) === undefined)
    throw new ObjectError({
      code: 'not_configured',
      field: 'MAIL',
      message: 'this server sends no mail: an owner of the server makes a link that signs you in again',
    })
  c.executionCtx.waitUntil(mailRecovery(c, email))
  return isForm(c.req.raw) ? pageResponse(c, mailedPage(email)) : Response.json({}, { status: 202, headers: noStore })
})

signInRoutes.post('/sign-in/invitation', (c) =>
  answerForm(c, invitationForm, async (fields) => {
    const code = requireField(fields, 'code')
    const secret = signInSecret(c.req.raw.headers, c.env)
    const request = { code, secret, name: fields['name'] ?? '', device: deviceOf(c) }
    const { tenant, user, ...signedIn } = valueOf(await directoryOf(c.env).acceptInvitation(request))
    return signIn(c, signedIn, { more: { tenant, user } })
  }),
)

signInRoutes.post('/sign-in/trial', (c) =>
  answerForm(c, trialForm, async (fields) => {
    const setting = requireTrials(c.env)
    const { code: _, name = '', email = '' } = fields
    const secret = signInSecret(c.req.raw.headers, c.env)
    const newcomer = setting === 'open' ? { name, email } : undefined
    const asked = { code: requireField(fields, 'code'), secret, newcomer, device: deviceOf(c) }
    const { tenant, ...signedIn } = valueOf(await directoryOf(c.env).claimTrial(asked))
    return signIn(c, signedIn, { to: `/~${tenant}`, more: { tenant } })
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

signInRoutes.post('/sign-in/provider', async (c) => {
  await readFields(c.req.raw, c.env)
  return beginProvider(c, undefined)
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

signInRoutes.post('/sign-out', async (c) => {
  await readFields(c.req.raw, c.env)
  const secret = signInSecret(c.req.raw.headers, c.env)
  // A session that has ended already is no fault.
  if (secret !== undefined) await directoryOf(c.env).endSession(secret)
  return done(c, { to: '/sign-in', headers: { 'set-cookie': endedCookie(c.env) } })
})

for (const path of ['/sign-in', '/sign-in/state', '/sign-in/callback'])
  signInRoutes.all(path, (c) => refuseMethod(c.req, 'GET, HEAD'))
for (const path of ['/sign-in/claim', '/sign-in/recover', '/sign-in/invitation', '/sign-in/trial'])
  signInRoutes.all(path, (c) => refuseMethod(c.req, 'GET, HEAD, POST'))
for (const path of [
  '/sign-out',
  '/sign-in/lost',
  '/sign-in/password',
  '/sign-in/provider',
  '/sign-in/passkey',
  '/sign-in/passkey/options',
])
  signInRoutes.all(path, (c) => refuseMethod(c.req, 'POST'))

/** The path of this server to open after the sign-in; that of another host is left out. */
function safePath(to: string | undefined): string {
  const isOwn = to !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(to) && !to.includes('\\')
  return isOwn ? to : '/account'
}

async function mailRecovery(c: RouteContext, email: string): Promise<void> {
  const made = await directoryOf(c.env).requestRecovery(email, deviceOf(c).address)
  if (made === null) return
  const base = c.env.PUBLIC_URL ?? withoutLens(localTarget(c.req.url, c.env))
  const fault = await sendLetter(c.env, recoveryLetter({ email, link: `${base}/sign-in/recover#${made.code}` }))
  if (fault !== undefined) console.error(`a link to sign in again could not be mailed: ${fault}`)
}

async function signInPageOf(c: RouteContext, to: string, fault?: string): Promise<Page> {
  localTarget(c.req.url, c.env)
  const provider = (await directoryOf(c.env).providerName()) ?? undefined
  return signInPage({ to, provider, fault, hasMail: serverMailOf(c.env) !== undefined })
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
