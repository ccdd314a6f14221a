import { expect, test } from 'vitest'
import { formatOwnerLink } from './owner-link.ts'

const link = { code: 'CODE', binding: '' }

test.each(['https://backend.example.com', 'http://localhost:8787'])('a link at %s stands alone', (base) => {
  const text = formatOwnerLink(`${base}/sign-in/claim`, link, 'sign in again')
  expect(text).toContain(`${base}/sign-in/claim#CODE\n`)
  expect(text).not.toContain('ssh')
})

test.each([
  ['http://192.0.2.10:8787', 'ssh -L 8787:192.0.2.10:8787 '],
  ['http://backend.example.com', 'ssh -L 80:backend.example.com:80 '],
  ['http://[2001:db8::1]:9000', 'ssh -L 9000:[2001:db8::1]:9000 '],
])('a link at %s, where browsers drop the cookie, says the way by which they keep it', (base, way) => {
  const text = formatOwnerLink(`${base}/sign-in/claim`, link, 'sign in again')
  expect(text).toContain(`${base}/sign-in/claim#CODE\n`)
  expect(text).toContain(way)
})
