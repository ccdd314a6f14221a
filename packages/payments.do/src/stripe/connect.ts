// Connects a tenant to an account of Stripe. The key is tried before anything is stored, and a tenant stays with its account and
// mode for good, since ids of one account mean nothing in another.

import { type Call, ObjectError } from 'digital-objects'
import { keySecret, modeOfKey, type StripeMode, webhookSecret } from './connection.ts'
import { openStripe, StripeRefused, stripeServer } from './stripe-api.ts'
import { textAt } from './stripe-value.ts'
import { beginRun, type Body, invalid, type ProviderParts } from './provider-parts.ts'
import { statusOf } from './status.ts'
import { dailyKey } from './worker.ts'

const dayMs = 86_400_000

export async function connect(
  of: ProviderParts,
  { body, by }: { readonly body: Body; readonly by: string },
): Promise<object> {
  const { key, webhookSecret: secret, sync = true } = body
  const mode = typeof key === 'string' ? modeOfKey(key) : undefined
  // The value is not repeated: it may be a key with a fault.
  if (typeof key !== 'string' || mode === undefined)
    throw invalid(
      'key',
      'expects a restricted or secret key, which begins with rk_test_, rk_live_, sk_test_ or sk_live_',
    )
  if (secret !== undefined && (typeof secret !== 'string' || !/^whsec_[\w+/=]{8,250}$/.test(secret)))
    throw invalid('webhookSecret', 'expects the signing secret of the endpoint, which begins with whsec_')
  if (typeof sync !== 'boolean') throw invalid('sync', 'expects true or false')
  const account = await accountOf(of, key)
  requireSame(of, { mode, account })
  await put(of, { name: keySecret(mode), value: key, by })
  if (secret !== undefined) await put(of, { name: webhookSecret(mode), value: secret, by })
  const payments = { provider: 'stripe', mode, account, connected: true }
  await ask(of, { kind: 'write', noun: '', verb: 'settings.patch', body: JSON.stringify({ payments }) }, by)
  const { connection, marks, options } = of
  marks.listedUntilMs = options.now()
  connection.parts.values()?.put({ key: dailyKey, value: String(options.now() + dayMs) })
  if (sync) await beginRun(of, { kind: 'Sync' }, by)
  return statusOf(of)
}

/** The keys are removed. What is here stays, and the account too, so that only the same can be connected again. */
export async function disconnect(of: ProviderParts, by: string): Promise<void> {
  const { payments } = of.connection.parts.settings()
  if (payments === null) return
  const body = JSON.stringify({ payments: { ...payments, connected: false } })
  await ask(of, { kind: 'write', noun: '', verb: 'settings.patch', body }, by)
  for (const name of [keySecret(payments.mode), webhookSecret(payments.mode)])
    await ask(of, { kind: 'write', noun: '', verb: 'secrets.delete', id: name, body: '' }, by)
  of.hints.forgetAll()
  of.marks.forgetAll()
}

async function accountOf({ options }: ProviderParts, key: string): Promise<string> {
  const { send, server = stripeServer } = options
  const api = await openStripe({ key, server, send })
  try {
    return textAt(await api.get('/v1/account'), 'id') ?? 'unknown'
  } catch (error) {
    if (!(error instanceof StripeRefused)) throw error
    // Servers that stand in for Stripe in tests have no accounts.
    if (error.isMissing && server !== stripeServer) return 'stand_in'
    const message = `Stripe did not accept the key: ${error.message}`
    throw new ObjectError({ code: 'validation_error', field: 'key', message, faults: [{ field: 'key', message }] })
  }
}

function requireSame({ connection }: ProviderParts, to: { readonly mode: StripeMode; readonly account: string }): void {
  const { payments } = connection.parts.settings()
  if (payments === null || (payments.mode === to.mode && payments.account === to.account)) return
  throw new ObjectError({
    code: 'conflict',
    field: 'key',
    message: `this tenant belongs to the ${payments.mode} mode of the account ${payments.account}: connect another account or mode to a tenant of its own`,
  })
}

function put(
  of: ProviderParts,
  { name, value, by }: { readonly name: string; readonly value: string; readonly by: string },
): Promise<void> {
  return ask(of, { kind: 'write', noun: '', verb: 'secrets.put', id: name, body: JSON.stringify({ value }) }, by)
}

async function ask({ connection }: ProviderParts, call: Call, by: string): Promise<void> {
  const answer = await connection.parts.answer(call, { who: by, via: 'rest' })
  // A secret that is gone already is no fault.
  if (!answer.ok && !(answer.error.code === 'not_found' && call.kind === 'write' && call.verb === 'secrets.delete'))
    throw new ObjectError(answer.error)
}
