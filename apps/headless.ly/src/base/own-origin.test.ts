import { expect, test } from 'vitest'
import { requireOwnOrigin } from './own-origin.ts'

const isOwn = (origin: string | undefined, url: string, PUBLIC_URL?: string): boolean => {
  const request = new Request(url, { method: 'POST', headers: origin === undefined ? {} : { origin } })
  try {
    requireOwnOrigin(request, PUBLIC_URL === undefined ? {} : { PUBLIC_URL })
    return true
  } catch {
    return false
  }
}

test('a page counts as own by the host of the request, with or without TLS before it', () => {
  const url = 'http://backend.example:8787/sign-out'
  expect(isOwn('http://backend.example:8787', url)).toBe(true)
  expect(isOwn('https://backend.example:8787', url)).toBe(true)
  for (const origin of [
    undefined,
    'null',
    'http://backend.example',
    'http://evil.example:8787',
    'http://localhost:8787',
  ])
    expect(isOwn(origin, url), origin).toBe(false)
})

test('with a public URL, a page counts only from there, or on the machine itself', () => {
  const publicUrl = 'https://backend.example/base'
  expect(isOwn('https://backend.example', 'http://backend.example/sign-out', publicUrl)).toBe(true)
  expect(isOwn('https://backend.example', 'http://10.0.0.1:8787/sign-out', publicUrl)).toBe(true)
  expect(isOwn('http://localhost:8787', 'http://localhost:8787/sign-out', publicUrl)).toBe(true)
  // Anybody on the network can answer for plain HTTP.
  expect(isOwn('http://backend.example', 'http://backend.example/sign-out', publicUrl)).toBe(false)
  expect(isOwn('http://10.0.0.1:8787', 'http://10.0.0.1:8787/sign-out', publicUrl)).toBe(false)
})
