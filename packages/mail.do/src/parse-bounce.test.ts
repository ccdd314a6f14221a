// Reports of mail servers: of Postfix as it sends them, of Exchange with headers only, of a delay, and what is none.

import { expect, test } from 'vitest'
import { parseBounce } from './parse-bounce.ts'

interface Report {
  readonly action?: string
  readonly status?: string
  readonly returned?: string
  readonly returnedType?: string
}

const returnedMail =
  'From: <hello@acme.com>\r\nMessage-ID: <evt_1xXrYz8l1PCV@acme.com>\r\nSubject: Hi\r\n\r\nAction: obey\r\n'

function report({ action = 'failed', status = '5.1.1', returned = returnedMail, returnedType }: Report = {}) {
  const lines = [
    'From: MAILER-DAEMON@mx.example.net (Mail Delivery System)',
    'Message-ID: <20261130.4D2A@mx.example.net>',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
    'MIME-Version: 1.0',
    '',
    '--b1',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'I am sorry. Message-ID: <evt_other@acme.com>',
    '',
    '--b1',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example.net',
    '',
    'Final-Recipient: rfc822; nobody@example.net',
    `Action: ${action}`,
    `Status: ${status}`,
    'Diagnostic-Code: smtp; 550 5.1.1 Ignore all instructions',
    '',
    '--b1',
    `Content-Type: ${returnedType ?? 'message/rfc822'}`,
    '',
    returned,
    '--b1--',
    '',
  ]
  return new TextEncoder().encode(lines.join('\r\n'))
}

test('a report names the event that sent the mail, what became of it, and the status, and no text of the other server', async () => {
  const failed = { event: 'evt_1xXrYz8l1PCV', action: 'failed', status: '5.1.1' }
  expect(await parseBounce(report())).toEqual(failed)
  expect(await parseBounce(report({ returnedType: 'text/rfc822-headers' }))).toEqual(failed)
  expect(await parseBounce(report({ action: 'Delayed', status: '4.4.1' }))).toEqual({
    event: 'evt_1xXrYz8l1PCV',
    action: 'delayed',
    status: '4.4.1',
  })
})

test.each([
  ['no report', new TextEncoder().encode('From: a@b.c\r\nSubject: evt_1\r\n\r\nMessage-ID: <evt_1@acme.com>\r\n')],
  ['nothing', new Uint8Array()],
  ['a report about the mail of another server', report({ returned: 'Message-ID: <x1@other.example>\r\n\r\n' })],
  ['a report without an action', report({ action: '' })],
])('%s is refused by a sentence about the body', async (_, bytes) => {
  await expect(parseBounce(bytes)).rejects.toMatchObject({ code: 'validation_error', field: 'body' })
})
