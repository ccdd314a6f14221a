// Passkeys and the sign-in pages in a real browser, with a virtual authenticator.

import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startServer } from '../src/embedded/launcher.ts'
import { hasChromium, openChromium, waitUntil } from './chromium.ts'

test.skipIf(!hasChromium)('a person claims the server, registers a passkey and signs in with it', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-passkeys-'))
  const code = randomBytes(32).toString('base64url')
  const ownerLink = `claim ${createHash('sha256').update(code).digest('hex')} ${Date.now() + 600_000}`
  const server = await startServer({ dataFolder, port: 0, requireSignIn: true, ownerLink })
  const browser = await openChromium()
  const page = await browser.newPage()
  const devtools = await page.context().newCDPSession(page)
  try {
    await devtools.send('WebAuthn.enable')
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
    } as const
    const authenticator = { ...options, isUserVerified: true, automaticPresenceSimulation: true }
    await devtools.send('WebAuthn.addVirtualAuthenticator', { options: authenticator })

    await page.goto(`${server.url}/sign-in/claim#${code}`)
    // The address does not keep the code.
    expect(await page.evaluate('[document.getElementById("code").value, location.hash]')).toEqual([code, ''])
    await page.evaluate(`document.getElementById('name').value = 'Ada <b>'`)
    await page.evaluate(`document.getElementById('email').value = 'ada@example.com'`)
    await page.evaluate(`document.querySelector('form.fields button').click()`)
    await waitUntil(page, `location.pathname === '/account' && document.querySelector('h1')?.textContent === 'Ada <b>'`)
    // Scripts cannot read the cookie.
    expect(await page.evaluate('document.cookie')).toBe('')

    // A page of this server listens to it, which a browser does without naming an origin.
    const listen = `(async () => {
      await fetch('/account/tenants', {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"tenant":"visby"}' })
      const { status, body } = await fetch('/~visby/events?type=*', { headers: { accept: 'text/event-stream' } })
      await body.cancel()
      return status
    })()`
    expect(await page.evaluate(listen)).toBe(200)

    // The year of the sample company begins before its owner joins.
    await page.goto(`${server.url}/console`)
    page.on('dialog', (dialog) => void dialog.accept())
    await page.getByLabel('Short name').fill('skagen')
    await page.getByRole('button', { name: 'Create with the sample company' }).click()
    await page.getByText(/^[1-9]\d* of \d+ acts/).waitFor()

    // A session that ends while somebody types takes nothing away.
    await page.evaluate(`fetch('/~visby/Contact', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Grace Hopper"}' })`)
    await page.goto(`${server.url}/console/visby/Contact`)
    await page.locator('[data-cell="0.1"]', { hasText: 'Grace Hopper' }).focus()
    await page.keyboard.press('Enter')
    const editor = page.getByLabel('Edit Name')
    await editor.fill('Grace B. Hopper')
    const cookies = await page.context().cookies()
    await page.context().clearCookies()
    await page.keyboard.press('Enter')
    await page.locator('.cell-fault a[target=_blank]').waitFor()
    expect(await editor.inputValue()).toBe('Grace B. Hopper')
    await page.context().addCookies(cookies)
    await page.keyboard.press('Enter')
    await page.locator('[data-cell="0.1"]:not(:has(input))', { hasText: 'Grace B. Hopper' }).waitFor()
    await page.goto(`${server.url}/account`)

    await page.evaluate(`document.querySelector('[data-passkey=register]').click()`)
    await waitUntil(page, `document.querySelectorAll('form[action="/account/passkeys/remove"]').length === 1`)
    await page.evaluate(`document.querySelector('form[action="/sign-out"] button').click()`)
    await waitUntil(page, `location.pathname === '/sign-in'`)
    expect(await page.evaluate(`fetch('/account').then(({ status }) => status)`)).toBe(401)
    // The console offers only what works: nobody begins a business before signing in.
    await page.goto(`${server.url}/console`)
    await waitUntil(page, `document.querySelector('a[href="/sign-in?to=%2Fconsole"].button') !== null`)
    await waitUntil(page, `document.querySelector('[name=tenant]') === null`)

    await page.goto(`${server.url}/sign-in?to=/account%23again`)
    await page.evaluate(`document.querySelector('[data-passkey=signIn]').click()`)
    await waitUntil(page, `location.pathname === '/account' && location.hash === '#again'`)
    expect(await page.evaluate(`fetch('/account').then(({ status }) => status)`)).toBe(200)

    // Attack: an answer that was seen once is sent again, and one for another challenge.
    const replayed = `(async () => {
      const send = (path, fields) => fetch(path, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) })
      const options = await (await send('/sign-in/passkey/options', {})).json()
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
      const response = JSON.stringify(await navigator.credentials.get({ publicKey }))
      const other = JSON.parse(response)
      other.response.clientDataJSON = btoa(JSON.stringify({ type: 'webauthn.get', challenge: 'AAAA', origin: location.origin }))
      const answers = []
      for (const one of [JSON.stringify(other), response, response])
        answers.push((await send('/sign-in/passkey', { response: one })).status)
      return answers
    })()`
    expect(await page.evaluate(replayed)).toEqual([403, 200, 403])

    // A removed passkey signs nobody in.
    await page.evaluate(`document.querySelector('form[action="/account/passkeys/remove"] button').click()`)
    await waitUntil(page, `document.querySelectorAll('form[action="/account/passkeys/remove"]').length === 0`)
    await page.goto(`${server.url}/sign-in`)
    await page.evaluate(`document.querySelector('[data-passkey=signIn]').click()`)
    await waitUntil(page, `document.getElementById('said').textContent.includes('could not be verified')`)
  } finally {
    await browser.close()
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
})
