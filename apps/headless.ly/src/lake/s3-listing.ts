// Lists a page of a bucket's keys as S3 does (ListObjectsV2, and the older ListObjects). Keys that share a prefix up to
// the delimiter are grouped as one common prefix.

import { bytesToHex } from 'digital-objects'
import type { ObjectStore, StoredObject } from '@dotdo/db'
import { encodeUri } from './signature-v4.ts'
import { etagOfName } from './s3-object.ts'
import type { XmlElement } from './s3-xml.ts'

export interface ListingQuery {
  readonly version: 1 | 2
  readonly prefix: string
  /** Empty if the client sent none. */
  readonly delimiter: string
  /** Lists keys after this one, from whichever parameter the client used. */
  readonly after: string
  /** The continuation token to repeat in the response; undefined if the client sent none. */
  readonly token: string | undefined
  readonly startAfter: string | undefined
  readonly keysMax: number
  readonly isUrlEncoded: boolean
}

interface ListingPage {
  readonly objects: readonly StoredObject[]
  readonly commonPrefixes: readonly string[]
  /** The key after which the next page starts; undefined on the last page. */
  readonly next: string | undefined
}

const keysMaxMax = 1000 // S3's limit, and the limit of the store's list
const roundsMax = 50 // calls of the store's list per page; the page may then have fewer keys than asked
/** Sorts after every character of a key, so `a/~` comes after all keys that begin with `a/`. */
const afterAll = '~'

/** Returns undefined if max-keys or continuation-token is invalid. */
export function parseListingQuery(query: URLSearchParams): ListingQuery | undefined {
  const version = query.get('list-type') === '2' ? 2 : 1
  const keysMaxText = query.get('max-keys') ?? String(keysMaxMax)
  const token = query.get('continuation-token') ?? undefined
  const startAfter = query.get('start-after') ?? undefined
  const tokenKey = token === undefined ? undefined : parseToken(token)
  if (!/^\d{1,9}$/.test(keysMaxText) || (token !== undefined && tokenKey === undefined)) return undefined
  return {
    version,
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after: version === 1 ? (query.get('marker') ?? '') : (tokenKey ?? startAfter ?? ''),
    token,
    startAfter,
    keysMax: Math.min(Number(keysMaxText), keysMaxMax),
    isUrlEncoded: query.get('encoding-type') === 'url',
  }
}

/** Returns undefined if the store reports more keys but returns none; the client should retry. */
export async function listPage(
  store: Pick<ObjectStore, 'list'>,
  query: ListingQuery,
): Promise<ListingPage | undefined> {
  const { prefix, delimiter, keysMax } = query
  const objects: StoredObject[] = []
  const commonPrefixes: string[] = []
  let after = query.after
  const page = (isLast: boolean): ListingPage => ({ objects, commonPrefixes, next: isLast ? undefined : after })
  if (keysMax === 0) return page(true)
  for (let round = 0; round < roundsMax; round++) {
    const limit = delimiter === '' ? keysMax - objects.length : keysMaxMax
    const listed = await store.list({ prefix, ...(after === '' ? {} : { after }), limit })
    for (const object of listed.objects) {
      if (object.key <= after) continue // already covered by a common prefix
      if (objects.length + commonPrefixes.length === keysMax) return page(false)
      const delimiterAt = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length)
      if (delimiterAt < 0) {
        objects.push(object)
        after = object.key
      } else {
        const commonPrefix = object.key.slice(0, delimiterAt + delimiter.length)
        commonPrefixes.push(commonPrefix)
        after = commonPrefix + afterAll
      }
    }
    if (!listed.hasMore) return page(true)
    if (listed.objects.length === 0) return undefined
    if (objects.length + commonPrefixes.length === keysMax) return page(false)
  }
  return page(false)
}

export function pageToXml(bucket: string, query: ListingQuery, page: ListingPage): XmlElement {
  const { version, prefix, delimiter, keysMax, isUrlEncoded } = query
  const encode = (text: string): string => (isUrlEncoded ? text.split('/').map(encodeUri).join('/') : text)
  const optional = (name: string, content: string | undefined): XmlElement[] =>
    content === undefined ? [] : [{ name, content }]
  const position =
    version === 1
      ? [
          { name: 'Marker', content: encode(query.after) },
          ...optional('NextMarker', page.next === undefined ? undefined : encode(page.next)),
        ]
      : [
          { name: 'KeyCount', content: String(page.objects.length + page.commonPrefixes.length) },
          ...optional('ContinuationToken', query.token),
          ...optional('NextContinuationToken', page.next === undefined ? undefined : formatToken(page.next)),
          ...optional('StartAfter', query.startAfter === undefined ? undefined : encode(query.startAfter)),
        ]
  const contents = page.objects.map(({ key, bytes, modifiedMs }) => ({
    name: 'Contents',
    content: [
      { name: 'Key', content: encode(key) },
      { name: 'LastModified', content: new Date(modifiedMs).toISOString() },
      ...optional('ETag', etagOfName(key, bytes)),
      { name: 'Size', content: String(bytes) },
      { name: 'StorageClass', content: 'STANDARD' },
    ],
  }))
  const commonPrefixes = page.commonPrefixes.map((common) => ({
    name: 'CommonPrefixes',
    content: [{ name: 'Prefix', content: encode(common) }],
  }))
  return {
    name: 'ListBucketResult',
    content: [
      { name: 'Name', content: bucket },
      { name: 'Prefix', content: encode(prefix) },
      ...optional('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      { name: 'MaxKeys', content: String(keysMax) },
      ...optional('EncodingType', isUrlEncoded ? 'url' : undefined),
      { name: 'IsTruncated', content: String(page.next !== undefined) },
      ...position,
      ...contents,
      ...commonPrefixes,
    ],
  }
}

/** Formats a token, opaque to clients: the hexadecimal digits of the last key, which is ASCII. */
function formatToken(key: string): string {
  return bytesToHex(new TextEncoder().encode(key))
}

function parseToken(token: string): string | undefined {
  if (token.length > 2048 || !/^(?:[0-9a-f]{2})+$/.test(token)) return undefined
  return (token.match(/../g) ?? []).map((digits) => String.fromCharCode(Number.parseInt(digits, 16))).join('')
}
