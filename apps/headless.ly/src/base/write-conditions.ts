// The members of a write's call that HTTP carries in headers: its conditions (RFC 9110, 13.1), its key and its time.

import {
  type CallOf,
  type ExpectedVersion,
  forceReasonRule,
  happenedAtRule,
  idempotencyKeyRule,
  isForceReason,
  isIdempotencyKey,
  ObjectError,
  parseHappenedAt,
} from 'digital-objects'

const atHeader = 'X-Headlessly-At'
const forceHeader = 'X-Headlessly-Force'

/** From `If-Match`, `If-None-Match`, `Idempotency-Key`, `X-Headlessly-At` and `X-Headlessly-Force`. Throws an ObjectError that names the header. */
export function writeConditions(
  headers: Headers,
): Pick<CallOf<'write'>, 'ifVersion' | 'idempotencyKey' | 'at' | 'force'> {
  const [match, noneMatch, key, at, force] = [
    headers.get('if-match'),
    headers.get('if-none-match'),
    headers.get('idempotency-key'),
    headers.get(atHeader),
    headers.get(forceHeader),
  ]
  if (match !== null && noneMatch !== null)
    throw invalidHeader('If-None-Match', 'expects to stand alone; send either If-Match or If-None-Match')
  return {
    ...(match === null ? {} : { ifVersion: parseMatch(match) }),
    ...(noneMatch === null ? {} : { ifVersion: parseNoneMatch(noneMatch) }),
    ...(key === null ? {} : { idempotencyKey: parseKey(key) }),
    ...(at === null ? {} : { at: parseAt(at) }),
    ...(force === null ? {} : { force: parseForce(force) }),
  }
}

interface Tag {
  readonly isWeak: boolean
  /** The quoted part. */
  readonly opaque: string
}

/** Limits the tags of one header. */
const tagsMax = 100
const tagPattern = /^\s*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)/

/** Compares strongly, so a weak tag fits no version. */
function parseMatch(text: string): ExpectedVersion {
  if (text.trim() === '*') return 'any'
  const [first, ...others] = versionsOf(parseTags('If-Match', text).filter(({ isWeak }) => !isWeak))
  return first !== undefined && others.length === 0 ? first : { oneOf: first === undefined ? [] : [first, ...others] }
}

/** Compares weakly. */
function parseNoneMatch(text: string): ExpectedVersion {
  return { noneOf: text.trim() === '*' ? 'any' : versionsOf(parseTags('If-None-Match', text)) }
}

/** Leaves out tags that are not of this server, since they fit no version. */
function versionsOf(tags: readonly Tag[]): readonly number[] {
  return tags.flatMap(({ opaque }) => (/^[1-9]\d{0,14}$/.test(opaque) ? [Number(opaque)] : []))
}

function parseTags(header: string, text: string): readonly Tag[] {
  const tags: Tag[] = []
  for (let rest = text; rest.trim() !== '' || tags.length === 0;) {
    const match = tagPattern.exec(rest)
    if (match === null || tags.length === tagsMax)
      throw invalidHeader(
        header,
        `expects ETags such as "3", at most ${tagsMax}, or *, got '${text.trim().slice(0, 64)}'`,
      )
    tags.push({ isWeak: match[1] !== undefined, opaque: match[2] ?? '' })
    rest = rest.slice(match[0].length)
  }
  return tags
}

function parseKey(text: string): string {
  if (isIdempotencyKey(text)) return text
  throw invalidHeader('Idempotency-Key', `expects ${idempotencyKeyRule}`)
}

function parseForce(text: string): string {
  if (isForceReason(text)) return text
  throw invalidHeader(forceHeader, `expects ${forceReasonRule}`)
}

function parseAt(text: string): string {
  const at = parseHappenedAt(text)
  if (at !== undefined) return at
  throw invalidHeader(atHeader, `expects ${happenedAtRule}, got '${text.slice(0, 64)}'`)
}

function invalidHeader(field: string, expectation: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field, message: `${field} ${expectation}` })
}
