// A bearer token for the catalog, issued for a tenant's keys. Nothing is stored: the token contains its key id and its
// expiry, signed by the server.

import { ObjectError } from 'digital-objects'
import { hmacBase64Url, holderOfKey, type LakeHolder, lakeKeysOf } from './lake-keys.ts'

export const tokenSecondsUsual = 3600
const tokenSecondsMin = 10 // Iceberg's clients ask for the next token some seconds before the end
const tokenSecondsMax = 86_400

/** Throws an ObjectError `not_configured` if the setting `LAKE_TOKEN_SECONDS` is none. */
export function parseTokenSeconds(text: string | undefined): number {
  if (text === undefined) return tokenSecondsUsual
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (seconds >= tokenSecondsMin && seconds <= tokenSecondsMax) return seconds
  const message = `LAKE_TOKEN_SECONDS: expected ${tokenSecondsMin} to ${tokenSecondsMax} seconds, got '${text.slice(0, 40)}'`
  throw new ObjectError({ code: 'not_configured', message })
}

/** `HLYacme.1795520000.…`: an access key id, the expiry in seconds since 1970, a signature. */
const tokenPattern = /^(HLY[A-Za-z0-9]{1,200})\.(\d{1,12})\.([A-Za-z0-9_-]{43})$/

/** Returns undefined if the secret does not belong to the key. */
export async function issueToken(options: {
  readonly serverSecret: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly nowMs: number
  readonly tokenSeconds: number
}): Promise<string | undefined> {
  const { serverSecret, accessKeyId, secretAccessKey, nowMs, tokenSeconds } = options
  const holder = holderOfKey(accessKeyId)
  if (holder === undefined) return undefined
  const keys = await lakeKeysOf({ serverSecret, ...holder })
  if (!(await isSame(serverSecret, keys.secretAccessKey, secretAccessKey))) return undefined
  const body = `${accessKeyId}.${Math.floor(nowMs / 1000) + tokenSeconds}`
  return `${body}.${await hmacBase64Url(serverSecret, `lake-token:${body}`)}`
}

export function isLakeToken(text: string): boolean {
  return tokenPattern.test(text)
}

/** Returns undefined for a token that has expired or was never issued. */
export async function holderOfToken(options: {
  readonly serverSecret: string
  readonly token: string
  readonly nowMs: number
}): Promise<LakeHolder | undefined> {
  const { serverSecret, token, nowMs } = options
  const [, accessKeyId = '', expiresAt = '', signature = ''] = tokenPattern.exec(token) ?? []
  if (accessKeyId === '' || Number(expiresAt) * 1000 <= nowMs) return undefined
  const expected = await hmacBase64Url(serverSecret, `lake-token:${accessKeyId}.${expiresAt}`)
  return (await isSame(serverSecret, expected, signature)) ? holderOfKey(accessKeyId) : undefined
}

/** Compares keyed hashes of the strings, so that the comparison's duration reveals nothing. */
async function isSame(serverSecret: string, a: string, b: string): Promise<boolean> {
  return (
    (await hmacBase64Url(serverSecret, `lake-compare:${a}`)) ===
    (await hmacBase64Url(serverSecret, `lake-compare:${b}`))
  )
}
