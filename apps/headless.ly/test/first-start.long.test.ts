// The first start on an address that others reach. Here it is an alias of loopback.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'

const address = '127.0.0.2'
const folder = mkdtempSync(join(tmpdir(), 'headlessly-first-start-'))
const program = resolve(import.meta.dirname, '../bin/serve.js')
const running = new Set<ChildProcess>()

afterEach(async () => {
  for (const child of running) await stop(child)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Started {
  readonly child: ChildProcess
  readonly url: string
  readonly output: () => string
  /** The code of the printed link. */
  readonly code: string | undefined
  readonly exitCode: number | null
}

/** Resolves once the server has greeted, or has ended. */
function start(data: string, options: readonly string[], environment: Record<string, string> = {}): Promise<Started> {
  const args = [program, '--port', '0', '--data', join(folder, data), ...options]
  const child = spawn(process.execPath, args, { env: { ...process.env, ...environment } })
  running.add(child)
  let output = ''
  return new Promise((done) => {
    const finish = (exitCode: number | null): void => {
      const url = /serves on (\S+),/.exec(output)?.[1] ?? ''
      done({ child, url, output: () => output, code: /#(\S+)$/m.exec(output)?.[1], exitCode })
    }
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        // The link comes in the same tick as the greeting.
        if (output.includes('Stop it with Ctrl-C.')) setTimeout(() => finish(null), 50)
      })
    child.once('exit', (exitCode) => {
      running.delete(child)
      finish(exitCode)
    })
  })
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    child.once('exit', () => done())
    child.kill('SIGTERM')
  })
}

function claim({ url }: Started, code: string, email: string): Promise<Response> {
  return fetch(`${url}/sign-in/claim`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json' },
    body: JSON.stringify({ code, name: 'Ada', email }),
  })
}

test('a server without an owner starts on a foreign address only at a terminal, and prints a link that works once', async () => {
  // A service gets its address from the environment, and its output often ends in a log.
  const refused = await start('claimed', [], { HEADLESSLY_HOST: address })
  expect([refused.exitCode, refused.code]).toEqual([1, undefined])
  expect(refused.output()).toContain('the server has no owner: start it once with --host')

  const first = await start('claimed', ['--host', address])
  expect(first.url).toContain(`http://${address}:`)
  expect((await fetch(`${first.url}/~acme/Contact`)).status).toBe(401)
  const old = first.code ?? ''
  await stop(first.child)

  const second = await start('claimed', ['--host', address])
  const code = second.code ?? ''
  expect(second.output()).toContain(`${second.url}/sign-in/claim#${code}`)
  expect(code).not.toBe(old)
  expect((await claim(second, old, 'ada@example.com')).status).toBe(403)
  const both = await Promise.all([claim(second, code, 'ada@example.com'), claim(second, code, 'bob@example.com')])
  expect(both.map(({ status }) => status).toSorted((one, two) => one - two)).toEqual([200, 403])
  const cookie =
    both
      .find(({ ok }) => ok)
      ?.headers.get('set-cookie')
      ?.split(';')[0] ?? ''
  const headers = { cookie, origin: second.url, 'content-type': 'application/json' }
  await fetch(`${second.url}/account/tenants`, { method: 'POST', headers, body: '{"tenant":"acme"}' })
  const made = await fetch(`${second.url}/~acme/Contact`, { method: 'POST', headers, body: '{"name":"Grace"}' })
  expect(made.status).toBe(201)
  await stop(second.child)

  // A claimed server starts by its environment too, prints no link, and knows the session.
  const third = await start('claimed', [], { HEADLESSLY_HOST: address })
  expect([third.exitCode, third.code]).toEqual([null, undefined])
  expect((await fetch(`${third.url}/~acme/Contact`, { headers: { cookie } })).status).toBe(200)
  expect((await fetch(`${third.url}/~acme/Contact`)).status).toBe(401)
  await stop(third.child)

  // An owner who has lost every way to sign in gets a link at the terminal.
  const fourth = await start('claimed', ['--host', address, '--owner-link'])
  const recover = await fetch(`${fourth.url}/sign-in/recover`, {
    method: 'POST',
    headers: { origin: fourth.url, 'content-type': 'application/json' },
    body: JSON.stringify({ code: fourth.code }),
  })
  expect([recover.status, await recover.json()]).toMatchObject([200, { account: { isOwner: true, name: 'Ada' } }])
  const secrets = [code, old, fourth.code ?? '', cookie.slice(cookie.indexOf('=') + 1)]
  const files = readdirSync(join(folder, 'claimed'), { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  )
  expect(files.length).toBeGreaterThan(3)
  for (const file of files) {
    const bytes = readFileSync(join(file.parentPath, file.name)).toString('latin1')
    for (const secret of secrets) expect(bytes.includes(secret), file.name).toBe(false)
  }
})

test('on loopback everything works without a key, and behind a proxy only if no sign-in is required', async () => {
  const open = await start('open', [])
  expect([(await fetch(`${open.url}/~acme/Contact`)).status, open.code]).toEqual([200, undefined])
  await stop(open.child)
  const closed = await start('open', ['--require-sign-in'])
  expect([(await fetch(`${closed.url}/~acme/Contact`)).status, closed.code]).toEqual([401, expect.any(String)])
})

test('attack: a forwarded address counts only from a configured proxy, and a forwarded host or scheme never', async () => {
  const addressSeen = async (server: Started): Promise<unknown> => {
    const headers = {
      origin: server.url,
      'content-type': 'application/json',
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'for=198.51.100.7;host=evil.example;proto=https',
    }
    const body = JSON.stringify({ code: server.code, name: 'Ada', email: 'ada@example.com' })
    const signedIn = await fetch(`${server.url}/sign-in/claim`, { method: 'POST', headers, body })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    const evil = { ...headers, cookie, origin: 'https://evil.example' }
    expect((await fetch(`${server.url}/sign-out`, { method: 'POST', headers: evil, body: '{}' })).status).toBe(403)
    const account = await fetch(`${server.url}/account`, { headers: { cookie } })
    return ((await account.json()) as { readonly sessions: readonly { readonly address: string }[] }).sessions[0]
      ?.address
  }
  expect(await addressSeen(await start('direct', ['--host', address]))).toBe('127.0.0.1')
  const proxied = await start('proxied', ['--host', address, '--trusted-proxies', '127.0.0.1'])
  expect(await addressSeen(proxied)).toBe('198.51.100.7')
})

test('attack: a foreign name that points to this server is refused (rebinding)', async () => {
  const server = await start('rebound', ['--host', address])
  const { request } = await import('node:http')
  const { port } = new URL(server.url)
  const status = await new Promise((done) => {
    const headers = {
      host: `evil.example:${port}`,
      origin: `http://evil.example:${port}`,
      'content-type': 'application/json',
    }
    const sent = request({ host: address, port, path: '/sign-in/claim', method: 'POST', headers }, (answer) =>
      done(answer.statusCode),
    )
    sent.end(JSON.stringify({ code: server.code, name: 'Eve', email: 'eve@example.com' }))
  })
  expect(status).toBe(403)
})
