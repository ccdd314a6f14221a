// Sends a mail through an HTTP API: JSON with from, to, subject and text, and the password as a bearer token. Several providers
// take this form.

import { addressText, type Mail, messageIdOf } from './compose-mail.ts'
import { MailRefused } from './mail-refused.ts'

export type MailFetch = (url: string, init: RequestInit) => Promise<Response>

export interface ApiOptions {
  readonly url: string
  readonly password: string | undefined
  readonly fetch: MailFetch
  /** Limits the whole request. */
  readonly msMax: number
}

/** Resolves once the provider has taken the mail. Throws a MailRefused, or another error if the provider cannot be reached. */
export async function sendByApi(mail: Mail, { url, password, fetch, msMax }: ApiOptions): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    // Another address would get the password.
    redirect: 'manual',
    signal: AbortSignal.timeout(msMax),
    headers: {
      'content-type': 'application/json',
      // The same mail has the same key each time it is sent.
      'idempotency-key': mail.id,
      ...(password === undefined ? {} : { authorization: `Bearer ${password}` }),
    },
    body: JSON.stringify({
      from: addressText(mail.from),
      to: [addressText(mail.to)],
      subject: mail.subject,
      text: mail.text,
      headers: { 'Message-ID': messageIdOf(mail) },
    }),
  })
  if (response.ok) return response.body?.cancel()
  throw new MailRefused({ stage: stageOf(response.status), code: response.status, text: await beginningOf(response) })
}

/** Only what the provider says about this mail is final: another password or another time may help with the rest. */
function stageOf(status: number): MailRefused['stage'] {
  if (status === 401 || status === 403) return 'sign-in'
  return status === 400 || status === 413 || status === 422 ? 'mail' : 'connect'
}

/** A provider may answer without end. */
async function beginningOf({ body }: Response): Promise<string> {
  const reader = body?.getReader()
  const first = await reader?.read()
  await reader?.cancel()
  return new TextDecoder().decode(first?.value)
}
