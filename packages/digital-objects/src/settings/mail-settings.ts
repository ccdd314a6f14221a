// The setting `mail`: the mail server of the tenant, and what the server sends by itself. The password is no setting: it is the
// secret `mail-password`.

import { isPlainObject } from '../base/is-object.ts'
import { type Check, WrongSetting } from './setting-checks.ts'

export interface MailSettings {
  /**
   * `smtps://user@host:465`, `smtp://user@host:587` (STARTTLS), `smtp+plain://host:25` without encryption and user, or the
   * `https://` address of an HTTP API.
   */
  readonly server: string
  /** `Acme <hello@acme.com>` */
  readonly from: string
  /** Whether the server reminds of activities by mail. */
  readonly reminders: boolean
  /** Whether the server writes to customers whose invoice is overdue. */
  readonly dunning: boolean
}

export interface MailServer {
  readonly host: string
  readonly port: number
  readonly security: 'tls' | 'starttls' | 'none'
  readonly user: string | undefined
}

/** An HTTP API that takes a mail as JSON. */
export interface MailApi {
  readonly url: string
}

export interface MailAddress {
  readonly name: string
  readonly address: string
}

const securities = { 'smtps:': 'tls', 'smtp:': 'starttls', 'smtp+plain:': 'none' } as const
const ports = { tls: 465, starttls: 587, none: 25 } as const
const members = ['server', 'from', 'reminders', 'dunning']
const textCharactersMax = 300

/** Returns undefined for anything else, such as a URL with a password. */
export function parseMailTarget(text: string): MailServer | MailApi | undefined {
  // A query could have a secret in it.
  return /^https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:\/[\w.~/-]*)?$/.test(text) ? { url: text } : parseMailServer(text)
}

function parseMailServer(text: string): MailServer | undefined {
  const [, scheme = '', user, host = '', port] =
    /^(smtps:|smtp:|smtp\+plain:)\/\/(?:([^\s@/:?#]+)@)?(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?$/.exec(text) ??
    []
  const security = Object.hasOwn(securities, scheme) ? securities[scheme as keyof typeof securities] : undefined
  const number = port === undefined ? security && ports[security] : Number(port)
  if (security === undefined || number === undefined || number < 1 || number > 65_535) return undefined
  // A password must not cross the network in the clear.
  if (security === 'none' && user !== undefined) return undefined
  return { host, port: number, security, user: user === undefined ? undefined : decoded(user) }
}

/** Parses `Acme <hello@acme.com>` or `hello@acme.com`; undefined for anything else, such as a line break. */
export function parseMailAddress(text: string): MailAddress | undefined {
  const [, name = '', address = ''] = /^(?:([^<>\r\n"]*)<)?([^<>]*)>?$/.exec(text.trim()) ?? []
  const isWhole = text.includes('<') === text.trim().endsWith('>')
  return isWhole && isMailAddress(address) ? { name: name.trim(), address } : undefined
}

/** Whether SMTP can carry the address without extensions. */
export function isMailAddress(text: string): boolean {
  return text.length <= 254 && /^[!#-'*+\-/-9=?A-Z^-~.]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text)
}

export const mailOf: Check<MailSettings | null> = (value) => {
  if (value === null) return null
  if (!isPlainObject(value)) throw new WrongSetting('', 'an object with server and from, or null', value)
  const stray = Object.keys(value).find((name) => !members.includes(name))
  if (stray !== undefined) throw new WrongSetting(stray.slice(0, 64), `one of ${members.join(', ')}`, stray)
  const { server, from, reminders = true, dunning = false } = value
  if (typeof server !== 'string' || server.length > textCharactersMax || parseMailTarget(server) === undefined)
    // The value may have a password, so it is not repeated.
    throw new WrongSetting(
      'server',
      'smtps://user@host, smtp://user@host, smtp+plain://host or https://host/path, without a password, which is the secret mail-password',
      null,
    )
  if (typeof from !== 'string' || from.length > textCharactersMax || parseMailAddress(from) === undefined)
    throw new WrongSetting('from', 'an address such as Acme <hello@acme.com>', from)
  if (typeof reminders !== 'boolean') throw new WrongSetting('reminders', 'true or false', reminders)
  if (typeof dunning !== 'boolean') throw new WrongSetting('dunning', 'true or false', dunning)
  return { server, from, reminders, dunning }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
