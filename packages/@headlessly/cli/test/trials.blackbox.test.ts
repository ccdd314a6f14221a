// `trial` and `claim` against a server with trials: from the first write of nobody to the tenant of a person.

import { expect, test } from 'vitest'
import { startServer } from '../../../../apps/headless.ly/src/embedded/launcher.ts'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { makeCli } from './cli.ts'

const { url } = useServer({
  start: (dataFolder) => startServer({ dataFolder, port: 0, requireSignIn: true, trials: 'open' }),
})

test('a trial is begun, worked with and kept, and its key ends', async () => {
  const cli = makeCli()
  const none = await cli('claim', '--endpoint', url(), '--tenant', 'acme')
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('headlessly trial begins a trial')])

  const begun = await cli('trial', '--endpoint', url())
  const [, tenant = ''] = /^tenant (trial-[a-z2-7]{16}) until /.exec(begun.stdout) ?? []
  expect([begun.code, begun.stderr]).toEqual([0, expect.stringContaining('headlessly claim')])
  // The key is in the file of settings alone.
  expect(`${begun.stdout}${begun.stderr}`).not.toContain('hly_sess_')
  const made = await cli('Contact.create', '--name', 'Grace', '--json')
  const { $id: id } = JSON.parse(made.stdout) as { readonly $id: string }

  const first = await cli('claim')
  const offered = await cli('claim')
  const codes = [first, offered].map(({ stdout }) => stdout.trim().split('#')[1] ?? '')
  expect(offered.stdout).toBe(`${url()}/sign-in/trial#${codes[1]}\n`)
  expect([offered.code, offered.stderr]).toEqual([0, expect.stringContaining(`to keep ${tenant}`)])
  const claim = (code: string | undefined): Promise<Response> =>
    fetch(`${url()}/sign-in/trial`, {
      method: 'POST',
      headers: { origin: url(), 'content-type': 'application/json' },
      body: JSON.stringify({ code, name: 'Ada', email: 'ada@example.com' }),
    })
  // A new link replaces the one before.
  expect((await claim(codes[0])).status).toBe(403)
  const claimed = await claim(codes[1])
  expect([claimed.status, await claimed.json()]).toMatchObject([200, { tenant }])

  await expect.poll(async () => (await cli('Contact.get', id)).code, { timeout: 5_000 }).toBe(1)
  expect((await cli('claim')).code).toBe(1)
  const cookie = claimed.headers.get('set-cookie')?.split(';')[0] ?? ''
  const kept = await fetch(`${url()}/~${tenant}/Contact/${id}`, { headers: { cookie } })
  expect([kept.status, await kept.json()]).toMatchObject([200, { name: 'Grace' }])

  // The owner of the tenant is erased: the directory, another object, forgets the account.
  const headers = { cookie, origin: url(), 'content-type': 'application/json' }
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${url()}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const [email, password] = ['ada@example.com', 'a long password of Ada']
  expect((await post('/account/password', { password, current: '' })).ok).toBe(true)
  const signIn = (): Promise<Response> => post('/sign-in/password', { email, password })
  expect((await signIn()).status).toBe(200)
  const users = await fetch(`${url()}/~${tenant}/User`, { headers: { cookie } })
  const { results } = (await users.json()) as { readonly results: readonly { readonly $id: string }[] }
  expect((await post(`/~${tenant}/erasures`, { ids: [results[0]?.$id] })).status).toBe(202)
  const account = async (): Promise<number> => (await fetch(`${url()}/account`, { headers: { cookie } })).status
  await expect.poll(account, { timeout: 20_000 }).toBe(401)
  expect((await signIn()).status).toBe(401)
  expect((await fetch(`${url()}/~${tenant}/Contact`, { headers: { cookie } })).status).toBe(401)
})

test('a CI job needs a token of a configured issuer', async () => {
  const cli = makeCli()
  const call = (env: Record<string, string>) =>
    cli.with({ env })('claim', '--code', 'hly_claim_guessed', '--endpoint', url())
  expect(await call({})).toMatchObject({ code: 1, stderr: expect.stringContaining('HEADLESSLY_ID_TOKEN has no token') })
  const refused = await call({ HEADLESSLY_ID_TOKEN: 'a.b.c' })
  expect([refused.code, refused.stdout]).toEqual([1, ''])
})
