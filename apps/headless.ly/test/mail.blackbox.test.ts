// Mail, from the server that ships to a mail server on this machine.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startServer } from '../src/embedded/launcher.ts'
import { makeOwnerLink } from '../src/embedded/owner-link.ts'
import { useServer } from './server.ts'
import { certificate, type SinkOptions, SmtpSink } from './smtp/smtp-sink.ts'

const printed: string[] = []
/** Takes the mail of the server itself. */
const serverSink = new SmtpSink({
  security: 'none',
  reply: (line) => (line.startsWith('RCPT TO:<refused@') ? '550 no such mailbox' : undefined),
})
const ownerLink = makeOwnerLink('claim')
const { call, tenant, dataFolder, url } = useServer({
  start: async (folder) =>
    startServer({
      dataFolder: folder,
      port: 0,
      ownerLink: ownerLink.binding,
      mail: JSON.stringify({
        server: `smtp+plain://localhost:${await serverSink.start()}`,
        from: 'Server <it@server.example>',
      }),
      mailNetworks: ['127.0.0.1/32'],
      mailAuthorities: [certificate],
      log: (line) => printed.push(line),
      warn: (line) => printed.push(line),
    }),
})
const password = 'the-mail-password-4711'
const sinks: SmtpSink[] = [serverSink]
afterAll(() => sinks.forEach((sink) => sink.stop()))

async function sinkFor(options: SinkOptions): Promise<{ readonly sink: SmtpSink; readonly server: string }> {
  const sink = new SmtpSink(options)
  sinks.push(sink)
  const port = await sink.start()
  const scheme = { tls: 'smtps', starttls: 'smtp', none: 'smtp+plain' }[options.security]
  const user = options.user === undefined ? '' : `${encodeURIComponent(options.user)}@`
  return { sink, server: `${scheme}://${user}localhost:${port}` }
}

/** A tenant with a contact, whose mail goes to a sink. */
async function mailing(options: SinkOptions, settings: object = {}) {
  const name = tenant()
  const { sink, server } = await sinkFor(options)
  const at = `/~${name}`
  const from = 'Acme & Söhne <hello@acme.example>'
  expect((await call('PATCH', `${at}/settings`, { mail: { server, from, ...settings } })).status).toBe(200)
  expect((await call('PUT', `${at}/secrets/mail-password`, { value: password })).status).toBe(200)
  const contact = (await call('POST', `${at}/Contact`, { name: 'Ada', email: 'ada@example.com' })).body['$id'] as string
  return { at, sink, contact }
}

async function send(at: string, message: object): Promise<string> {
  const made = await call('POST', `${at}/Message`, { channel: 'Email', body: 'Hello', ...message })
  expect(made.status).toBe(201)
  const id = made.body['$id'] as string
  expect((await call('POST', `${at}/Message/${id}/send`, {})).status).toBe(200)
  return id
}

let plain: Awaited<ReturnType<typeof mailing>>
beforeAll(async () => {
  plain = await mailing({ security: 'none' })
})

test('without a mail server, a message is refused with 501; with one, it is sent once', async () => {
  const { at, sink, contact } = plain
  const none = `/~${tenant()}`
  const message = { channel: 'Email', body: 'Hello', thread: 't' }
  const { $id } = (await call('POST', `${none}/Message`, message)).body
  expect(await call('POST', `${none}/Message/${String($id)}/send`, {})).toMatchObject({
    status: 501,
    body: { code: 'not_connected', connection: 'mail' },
  })
  const subject = 'Grüße 👋 of a subject that is longer than one line of a header may be'
  const body = '.\nA line\n.and a dot\nÄnd more'
  const id = await send(at, { recipient: contact, subject, body })
  await vi.waitFor(() => expect(sink.received).toHaveLength(1))
  const [mail] = sink.received
  expect(mail).toMatchObject({
    to: 'ada@example.com',
    headers: { subject, from: 'Acme & Söhne <hello@acme.example>', to: 'Ada <ada@example.com>' },
    text: body.replaceAll('\n', '\r\n'),
  })
  expect(mail?.headers['message-id']).toMatch(/^<evt_\w{12}@acme\.example>$/)
  expect((await call('GET', `${at}/Message/${id}?strong=true`)).body['status']).toBe('Sent')
  // A message that left the house cannot be taken back.
  const { body: page } = await call('GET', `${at}/events?limit=100`)
  const events = page['results'] as readonly { readonly type: string; readonly commit: number }[]
  const commit = events.find(({ type }) => type === 'Message.Sent')?.commit
  expect((await call('POST', `${at}/commits/${commit}/undo`, {})).status).toBe(409)
})

test('what was sent elsewhere, received, or loaded with its time is not sent again', async () => {
  const { at, sink, contact } = plain
  const before = sink.received.length
  const message = { channel: 'Email', body: 'Hello', recipient: contact }
  for (const fields of [
    { status: 'Sent', sentAt: '2026-01-05T10:00:00Z' },
    { direction: 'Inbound' },
    { status: 'Draft' },
  ])
    expect((await call('POST', `${at}/Message`, { ...message, ...fields })).status).toBe(201)
  // The last one is sent, and handlers run in order, so the others would have been before it.
  expect((await call('POST', `${at}/Message`, { ...message, status: 'Sent', subject: 'last' })).status).toBe(201)
  await vi.waitFor(() => expect(sink.received.at(-1)?.headers['subject']).toBe('last'))
  expect(sink.received.length).toBe(before + 1)
})

test('line breaks in a subject add no header', async () => {
  const { at, sink, contact } = plain
  await send(at, { recipient: contact, subject: 'a\r\nBcc: eve@example.com\n\nbody' })
  await vi.waitFor(() => expect(sink.received.at(-1)?.headers['subject']).toBe('a Bcc: eve@example.com body'))
  expect(sink.received.at(-1)?.headers).not.toHaveProperty('bcc')
})

test.each(['starttls', 'tls'] as const)(
  'with %s, the password is sent encrypted, and is nowhere else',
  async (security) => {
    const { at, sink, contact } = await mailing({ security, user: 'me@acme.example', password })
    await send(at, { recipient: contact, subject: 'secure' })
    await vi.waitFor(() => expect(sink.received).toMatchObject([{ isEncrypted: true, isSignedIn: true }]))
    await call('POST', `${at}/lake/flush`, {})
    const texts = [...printed]
    for (const path of ['', '/settings', '/secrets', '/audit', '/status', '/events?limit=1000', '/Message'])
      texts.push(JSON.stringify((await call('GET', at + path)).body))
    const files = readdirSync(dataFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    for (const file of files) texts.push(readFileSync(join(file.parentPath, file.name), 'latin1'))
    expect(texts.join('\n')).toContain('mail-password')
    expect(texts.join('\n')).not.toContain(password)
    expect(texts.join('\n')).not.toContain(Buffer.from(`\0me@acme.example\0${password}`).toString('base64'))
  },
)

test('a server that offers no STARTTLS gets neither the password nor the mail', async () => {
  const noTls: SinkOptions = { security: 'none', user: 'me', password }
  const { sink, server } = await sinkFor(noTls)
  const { at, contact } = await mailing({ security: 'none' })
  const downgraded = server.replace('smtp+plain', 'smtp')
  expect(JSON.stringify((await call('PATCH', `${at}/settings`, { mail: { server: downgraded } })).body)).toContain(
    downgraded,
  )
  await send(at, { recipient: contact })
  await vi.waitFor(async () =>
    expect(JSON.stringify((await call('GET', `${at}/status`)).body)).toContain('no STARTTLS'),
  )
  expect(sink.commands.every((line) => line.startsWith('EHLO'))).toBe(true)
})

test('a wrong password is retried and shown, without the password that the server repeated', async () => {
  const { at, sink, contact } = await mailing({ security: 'tls', user: 'me', password: 'another' })
  await send(at, { recipient: contact })
  await vi.waitFor(async () =>
    expect(JSON.stringify((await call('GET', `${at}/status`)).body)).toContain('refused the sign-in with 535'),
  )
  const shown = JSON.stringify((await call('GET', `${at}/status`)).body)
  expect(shown).not.toContain(Buffer.from(`\0me\0${password}`).toString('base64'))
  expect(sink.received).toEqual([])
})

test('an address that is refused for good makes the message Failed, with the reason', async () => {
  const refuse = (line: string): string | undefined => (line.startsWith('RCPT') ? '550 no such mailbox' : undefined)
  const { at, contact, sink } = await mailing({ security: 'none', reply: refuse })
  const id = await send(at, { recipient: contact })
  await vi.waitFor(async () =>
    expect((await call('GET', `${at}/Message/${id}?strong=true`)).body).toMatchObject({
      status: 'Failed',
      metadata: { mail: { failure: 'the mail server refused the recipient with 550 no such mailbox' } },
    }),
  )
  const nobody = (await call('POST', `${at}/Contact`, { name: 'No address' })).body['$id']
  const other = await send(at, { recipient: nobody })
  await vi.waitFor(async () =>
    expect((await call('GET', `${at}/Message/${other}?strong=true`)).body).toMatchObject({ status: 'Failed' }),
  )
  expect(sink.received).toEqual([])
})

test('a mail that is refused for now is sent again under the same Message-ID', async () => {
  let tries = 0
  const { at, contact, sink } = await mailing({
    security: 'none',
    // The second try is taken, but its answer looks like a failure, as when the connection breaks.
    reply: (line) => (line === '.' && ++tries === 1 ? '451 later' : undefined),
  })
  await send(at, { recipient: contact })
  await vi.waitFor(() => expect(sink.received).toHaveLength(1), { timeout: 15_000, interval: 100 })
  expect(tries).toBe(2)
  expect(sink.received[0]?.headers['message-id']).toMatch(/^<evt_/)
})

test('assignees are reminded, and customers of an overdue invoice are written to if the setting says so', async () => {
  const { at, contact, sink } = await mailing({ security: 'none' }, { dunning: true })
  const user = (await call('POST', `${at}/User`, { name: 'Bo', email: 'bo@example.com', role: 'Member' })).body['$id']
  const soon = new Date(Date.now() + 300).toISOString()
  const activity = { type: 'Task', subject: 'Call Ada', assignee: user, reminderAt: soon }
  expect((await call('POST', `${at}/Activity`, activity)).status).toBe(201)
  const customer = (await call('POST', `${at}/Customer`, { contact })).body['$id']
  const invoice = (await call('POST', `${at}/Invoice`, { customer, subtotal: 100, currency: 'EUR', dueAt: soon })).body
  expect((await call('POST', `${at}/Invoice/${String(invoice['$id'])}/finalize`, {})).status).toBe(200)
  await vi.waitFor(() => expect(sink.received).toHaveLength(2), { timeout: 15_000, interval: 100 })
  const subjects = sink.received.map(({ to, headers }) => `${to}: ${headers['subject']}`).toSorted()
  expect(subjects).toEqual([
    expect.stringMatching(/^ada@example\.com: Invoice INV-\d{4}-0001 is overdue$/),
    'bo@example.com: Reminder: Call Ada',
  ])
})

test.each([
  { server: 'smtps://user:password@host', from: 'a@example.com' },
  { server: 'smtp+plain://user@host', from: 'a@example.com' },
  { server: 'https://user:password@host', from: 'a@example.com' },
  { server: 'https://host/?key=x', from: 'a@example.com' },
  { server: 'http://host', from: 'a@example.com' },
  { server: 'smtps://host', from: 'nobody' },
  { server: 'smtps://host', from: 'a@example.com\r\nBcc: b@example.com' },
  { server: 'smtps://host:99999', from: 'a@example.com' },
  { server: 'smtps://host', from: 'a@example.com', dunning: 'yes' },
  { server: 'smtps://host', from: 'a@example.com', other: 1 },
])('the setting mail refuses %j', async (mail) => {
  const answer = await call('PATCH', `/~${tenant()}/settings`, { mail })
  expect(answer.status).toBe(422)
  expect(JSON.stringify(answer.body)).not.toContain('user:password')
})

test('an invitation is mailed, and the inviter does not get its link; with a mail server that refuses, the inviter does', async () => {
  const name = tenant()
  const invited = await call('POST', `/~${name}/invitations`, { email: 'grace@example.com' })
  expect(invited.status).toBe(201)
  expect(invited.body).toMatchObject({ user: expect.stringMatching(/^user_/), mailedTo: 'grace@example.com' })
  expect(invited.body).not.toHaveProperty('link')
  const mail = serverSink.received.at(-1)
  expect(mail).toMatchObject({ to: 'grace@example.com', headers: { subject: `Invitation to ${name}` } })
  const code = /\/sign-in\/invitation#(\S+)/.exec(mail?.text ?? '')?.[1] ?? ''
  expect(code).not.toBe('')
  // It is in no event, answer or file.
  const events = JSON.stringify((await call('GET', `/~${name}/events`)).body)
  expect(events).toContain('User.Invited')
  const files = readdirSync(dataFolder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
  const texts = files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'))
  expect([events, ...texts, ...printed].join('\n')).not.toContain(code)

  const refused = await call('POST', `/~${name}/invitations`, { email: 'refused@example.com' })
  expect(refused.body).toMatchObject({
    link: expect.stringContaining('/sign-in/invitation#'),
    notMailed: expect.stringContaining('550 no such mailbox'),
  })
})

test('a person who cannot sign in gets a link by mail, and the answer is the same for every address', async () => {
  const origin = url()
  const post = (path: string, body: object): Promise<Response> =>
    fetch(origin + path, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const email = 'ada@example.com'
  const claimed = await post('/sign-in/claim', { code: ownerLink.code, name: 'Ada', email })
  expect(claimed.status).toBe(200)
  const before = serverSink.received.length
  const answers = await Promise.all(
    [email, 'nobody@example.com', 'no address'].map((one) => post('/sign-in/lost', { email: one })),
  )
  const shown = await Promise.all(answers.map(async (answer) => [answer.status, await answer.text()]))
  expect(shown).toEqual(shown.map(() => [202, '{}']))
  await vi.waitFor(() => expect(serverSink.received.length).toBe(before + 1))
  const mail = serverSink.received.at(-1)
  expect(mail?.to).toBe(email)
  const code = /\/sign-in\/recover#(\S+)/.exec(mail?.text ?? '')?.[1] ?? ''
  const statuses = [await post('/sign-in/recover', { code }), await post('/sign-in/recover', { code })]
  expect(statuses.map(({ status }) => status)).toEqual([200, 403])
  // Only a few of many requests for one address are mailed.
  for (let time = 0; time < 12; time++) await post('/sign-in/lost', { email })
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(serverSink.received.length).toBeLessThanOrEqual(before + 6)
})
