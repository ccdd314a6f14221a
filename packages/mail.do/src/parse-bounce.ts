// A report that a mail did not arrive (delivery status notification, RFC 3464): which mail it is of, and what the mail server of the
// recipient says. Its texts are those of strangers, so only the enhanced status code (RFC 3463) is taken of them.

import { ObjectError } from 'digital-objects'
import PostalMime, { type Attachment } from 'postal-mime'

export interface Bounce {
  /** The part of our Message-ID before the @, which is the id of the event that sent the mail. */
  readonly event: string
  /** `failed` ends the delivery; `delayed`, `delivered` and others do not. */
  readonly action: string
  /** Such as `5.1.1`; undefined if the report has none. */
  readonly status: string | undefined
}

/** Throws an ObjectError `validation_error` for what is no report about a mail of this server. */
export async function parseBounce(bytes: Uint8Array): Promise<Bounce> {
  const { attachments } = await PostalMime.parse(bytes, { forceRfc822Attachments: true })
  const status = attachments.find(({ mimeType }) => mimeType === 'message/delivery-status')
  if (status === undefined) throw invalid('expects a report of the type message/delivery-status')
  const fields = textOf(status)
  const action = /^Action:[ \t]*([a-z]+)/im.exec(fields)?.[1]?.toLowerCase()
  if (action === undefined) throw invalid('the report expects an Action')
  const returned = attachments.find(({ mimeType }) => returnedTypes.includes(mimeType))
  const event = /^Message-ID:\s*<(evt_[A-Za-z0-9]{1,40})@/im.exec(returned === undefined ? '' : textOf(returned))?.[1]
  if (event === undefined) throw invalid('the report returns no mail that this server sent, by its Message-ID')
  return { event, action, status: /^Status:[ \t]*([245]\.\d{1,3}\.\d{1,3})/im.exec(fields)?.[1] }
}

const returnedTypes: readonly string[] = ['message/rfc822', 'text/rfc822-headers', 'message/rfc822-headers']

function textOf({ content }: Attachment): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content)
}

function invalid(message: string): ObjectError {
  return new ObjectError({ code: 'validation_error', field: 'body', message: `body: ${message}` })
}
