// Mail of the server itself: links that invite people and sign them in again. A link is a secret, so it is no `Message` and in no
// log: it is sent at once, or whoever asked for it gets it.

import {
  isPlainObject,
  type MailAddress,
  type MailApi,
  type MailServer,
  ObjectError,
  parseMailAddress,
  parseMailTarget,
} from 'digital-objects'
import { sendMail } from 'mail.do'
import { connectOf } from '../base/connect-of.ts'
import type { Env } from '../base/env.ts'

interface ServerMail {
  readonly server: MailServer | MailApi
  readonly from: MailAddress
  readonly password: string | undefined
}

export interface Letter {
  readonly to: MailAddress
  readonly subject: string
  readonly text: string
}

/** The sender of a request waits for it. */
const msMax = 10_000

/** Returns undefined on a server without mail. Throws an ObjectError for a setting that is wrong, without repeating it. */
export function serverMailOf({ MAIL }: Pick<Env, 'MAIL'>): ServerMail | undefined {
  if (MAIL === undefined) return undefined
  const parsed = parseServerMail(MAIL)
  if (parsed !== undefined) return parsed
  const message = 'expected MAIL as JSON with server, such as smtps://user@host, from, and password if there is one'
  throw new ObjectError({ code: 'not_configured', field: 'MAIL', message })
}

function parseServerMail(text: string): ServerMail | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isPlainObject(value)) return undefined
  const { server, from, password, ...unknown }: Readonly<Record<string, unknown>> = value
  const [target, sender] = [
    typeof server === 'string' ? parseMailTarget(server) : undefined,
    typeof from === 'string' ? parseMailAddress(from) : undefined,
  ]
  const isRight = (password === undefined || typeof password === 'string') && Object.keys(unknown).length === 0
  return target === undefined || sender === undefined || !isRight
    ? undefined
    : { server: target, from: sender, password }
}

/** Returns why the letter could not be sent, in words for its sender; undefined if the mail server has taken it. */
export async function sendLetter(env: Env, letter: Letter): Promise<string | undefined> {
  const mail = serverMailOf(env)
  if (mail === undefined) return 'this server has no mail (MAIL)'
  const { from, server, password } = mail
  const sent = { ...letter, from, id: `letter_${crypto.randomUUID()}`, sentAtMs: Date.now() }
  const options = {
    server,
    password,
    connect: connectOf(env),
    fetch: (url: string, init: RequestInit) => fetch(url, init),
  }
  try {
    await sendMail(sent, { ...options, msMax })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export function invitationLetter(of: {
  readonly email: string
  readonly tenant: string
  readonly link: string
}): Letter {
  const { email, tenant, link } = of
  const text = `You are invited to ${tenant}. This link works once, within 7 days:\n\n${link}\n\nIf you expected no invitation, do nothing.\n`
  return { to: { name: '', address: email }, subject: `Invitation to ${tenant}`, text }
}

export function recoveryLetter({ email, link }: { readonly email: string; readonly link: string }): Letter {
  const text = `This link signs you in. It works once, within a day, and ends your other sessions and your password:\n\n${link}\n\nIf you did not ask for it, do nothing.\n`
  return { to: { name: '', address: email }, subject: 'Sign in again', text }
}
