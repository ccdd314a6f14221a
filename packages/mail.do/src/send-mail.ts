// Sends one mail, by SMTP or by an HTTP API.

import type { Connect } from '@dotdo/service'
import { type MailServer, type MailApi } from 'digital-objects'
import type { Mail } from './compose-mail.ts'
import { type MailFetch, sendByApi } from './send-by-api.ts'
import { sendBySmtp } from './smtp-session.ts'

export interface SendOptions {
  readonly server: MailServer | MailApi
  readonly password: string | undefined
  readonly connect: Connect
  readonly fetch: MailFetch
  /** Limits the time of the whole work. */
  readonly msMax: number
}

/** Resolves once the server has taken the mail. Throws a MailRefused, or another error if the server cannot be reached. */
export function sendMail(mail: Mail, { server, ...options }: SendOptions): Promise<void> {
  return 'url' in server ? sendByApi(mail, { ...options, url: server.url }) : sendBySmtp(mail, { ...options, server })
}
