// The launcher's hashes, over their socket.

import { scryptSync } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, expect, test } from 'vitest'
import { type PasswordHashes, servePasswordHashes } from './password-hashes.ts'
import { makeRunFolder } from './run-folder.ts'

const folder = makeRunFolder()
const hashes: PasswordHashes = await servePasswordHashes(folder.hashesFile)
afterAll(async () => {
  await hashes.stop()
  folder.remove()
})

const cost = { N: 1_024, r: 8, p: 1, bytes: 32 }
const salt = Buffer.from('sixteen bytes it')

function ask(body: string, path = '/hash'): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': Buffer.byteLength(body) }
    const sent = request({ socketPath: folder.hashesFile, path, method: 'POST', headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode, text }))
    })
    sent.on('error', reject).end(body)
  })
}

const bodyOf = (password: string, more: object = {}): string =>
  JSON.stringify({ password, salt: salt.toString('base64'), ...cost, ...more })

test('a password gets the hash of RFC 7914, also if it is long and in other alphabets', async () => {
  for (const password of ['correct horse battery', 'пароль من فضلك 🔑', 'ﷺ'.repeat(1_000).normalize('NFKC')]) {
    const { status, text } = await ask(bodyOf(password))
    const expected = scryptSync(password, salt, 32, { N: 1_024, r: 8, p: 1 }).toString('base64')
    expect([status, text]).toEqual([200, expected])
  }
})

test('of more passwords than may wait, the others are refused, and all that wait are hashed', async () => {
  const statuses = await Promise.all(Array.from({ length: 60 }, async (_, at) => (await ask(bodyOf(`p${at}`))).status))
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(31)
  expect(statuses.filter((status) => status !== 200)).toEqual(statuses.filter((status) => status === 503))
  expect((await ask(bodyOf('afterwards'))).status).toBe(200)
})

test('a request that is none, or asks for more memory than there is, is refused without repeating the password', async () => {
  const wrong = [
    await ask('no JSON, but a secret'),
    await ask(bodyOf('a secret'), '/sync'),
    await ask(bodyOf('a secret', { N: 2 ** 22 })),
    await ask(bodyOf('a secret', { N: 'many' })),
    await ask(bodyOf('a secret', { salt: undefined })),
  ]
  expect(wrong.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400])
  for (const { text } of wrong) expect(text).not.toContain('a secret')
})
