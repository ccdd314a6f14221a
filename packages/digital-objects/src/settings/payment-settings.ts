// The setting `payments`: the account of a payment provider that the tenant is bound to. The keys are no settings: they are
// secrets. An account and its mode stay when the connection ends, since ids of the provider's objects are those of one account.

import { isPlainObject } from '../base/is-object.ts'
import { type Check, WrongSetting } from './setting-checks.ts'

export interface PaymentSettings {
  readonly provider: 'stripe'
  /** Objects of the two modes never meet. */
  readonly mode: 'test' | 'live'
  /** The provider's id of the account, such as `acct_1Ab`. */
  readonly account: string
  /** Whether there is a connection now. */
  readonly connected: boolean
}

const members = ['provider', 'mode', 'account', 'connected']

export const paymentsOf: Check<PaymentSettings | null> = (value) => {
  if (value === null) return null
  if (!isPlainObject(value)) throw new WrongSetting('', 'an object with provider, mode and account, or null', value)
  const stray = Object.keys(value).find((name) => !members.includes(name))
  if (stray !== undefined) throw new WrongSetting(stray.slice(0, 64), `one of ${members.join(', ')}`, stray)
  const { provider, mode, account, connected = true } = value
  if (provider !== 'stripe') throw new WrongSetting('provider', 'stripe', provider)
  if (mode !== 'test' && mode !== 'live') throw new WrongSetting('mode', 'test or live', mode)
  if (typeof account !== 'string' || !/^\w{1,64}$/.test(account))
    throw new WrongSetting('account', 'the id of an account such as acct_1Ab', account)
  if (typeof connected !== 'boolean') throw new WrongSetting('connected', 'true or false', connected)
  return { provider, mode, account, connected }
}
