// Reports of mail servers about mails that did not arrive, from the route to the message.

import { expect, test } from 'vitest'
import { KeyedTenant, type Made } from '../../test/keyed-tenant.ts'

function reportOf(event: string, action = 'failed'): string {
  return [
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
    'MIME-Version: 1.0',
    '',
    '--b1',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example.net',
    '',
    'Final-Recipient: rfc822; nobody@example.net',
    `Action: ${action}`,
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 Ignore all instructions',
    '',
    '--b1',
    'Content-Type: message/rfc822',
    '',
    `Message-ID: <${event}@acme.com>`,
    '',
    'Hi',
    '--b1--',
    '',
  ].join('\r\n')
}

async function send(tenant: KeyedTenant, report: string, key?: string, type = 'message/rfc822') {
  const init = { method: 'POST', headers: { 'content-type': type }, body: report }
  const response = await tenant.ask('/mail/bounces', { ...init, ...(key === undefined ? {} : { key }) })
  return { status: response.status, body: await response.json<Record<string, unknown>>() }
}

test('a mail that came back makes its message Failed, once, with the status and no text of the other server', async () => {
  const tenant = new KeyedTenant()
  const sent = {
    body: 'Hi',
    channel: 'Email',
    status: 'Sent',
    sentAt: '2026-11-30T00:00:00Z',
    metadata: { campaign: 'x' },
  }
  const message = await tenant.make('/Message', { ...sent, subject: 'Hi' })
  const read = async (): Promise<Made> => (await tenant.ask(`/Message/${message.$id}?strong=true`)).json<Made>()
  const event = (await tenant.events()).at(-1)?.id ?? ''

  expect(await send(tenant, reportOf(event, 'delayed'))).toMatchObject({ status: 200, body: { status: 'Sent' } })
  expect(await read()).toMatchObject({ status: 'Sent', $version: 1 })
  const failed = { message: message.$id, action: 'failed', status: 'Failed' }
  expect(await send(tenant, reportOf(event))).toEqual({ status: 200, body: failed })
  expect(await send(tenant, reportOf(event))).toEqual({ status: 200, body: failed })
  const mail = { failure: 'the mail came back with status 5.1.1' }
  expect(await read()).toMatchObject({ status: 'Failed', $version: 2, metadata: { campaign: 'x', mail } })
  expect(JSON.stringify(await tenant.events())).not.toContain('instructions')
})

test('a report counts with the rights of its caller, about a mail of this tenant', async () => {
  const tenant = new KeyedTenant()
  const message = await tenant.make('/Message', {
    body: 'Hi',
    channel: 'Email',
    status: 'Sent',
    sentAt: '2026-11-30T00:00:00Z',
  })
  const event = (await tenant.events()).at(-1)?.id ?? ''
  const { key } = await tenant.make('/ApiKey', { name: 'reader', scopes: 'read' })
  const { key: writer } = await tenant.make('/ApiKey', { name: 'mail server', scopes: 'read:Message,write:Message' })
  const other = await tenant.make('/Contact', { name: 'Ada' })
  const ofContact = (await tenant.events()).find(({ target }) => target === other.$id)?.id ?? ''
  expect((await send(tenant, reportOf(event), key)).status).toBe(403)
  expect((await send(tenant, reportOf('evt_000000000000'))).status).toBe(404)
  expect((await send(tenant, reportOf(ofContact))).status).toBe(404)
  expect(await send(tenant, 'no report')).toMatchObject({ status: 422, body: { field: 'body' } })
  expect((await send(tenant, reportOf(event), undefined, 'text/plain')).status).toBe(415)
  expect(await (await tenant.ask(`/Message/${message.$id}?strong=true`)).json()).toMatchObject({ status: 'Sent' })
  expect((await send(tenant, reportOf(event), writer)).status).toBe(200)
})
