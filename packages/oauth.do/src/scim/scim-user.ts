// SCIM's view of a user (RFC 7643, section 4.1): what of it a `User` holds, and where. What else a client sends is not stored, and is
// in no answer.

import { type EntityFields, isPlainObject, type JsonValue, ObjectError } from 'digital-objects'

export type Json = Readonly<Record<string, unknown>>
export type ScimUser = Json & { readonly id: string; readonly userName: string }

/** Values that a `User` has no field for are in its metadata under this name. */
const kept = 'scim'

export function userToScim(user: EntityFields): ScimUser {
  const { $id, $version, $createdAt, $updatedAt, name, email, role, status } = user
  const { userName, externalId, givenName, familyName } = keptOf(user)
  return {
    id: String($id),
    ...(externalId === undefined ? {} : { externalId }),
    userName: userName ?? String(email),
    displayName: name,
    name: { formatted: name, ...(givenName && { givenName }), ...(familyName && { familyName }) },
    active: status !== 'Suspended',
    emails: [{ value: email, type: 'work', primary: true }],
    ...(typeof role === 'string' ? { groups: [{ value: role, display: role, type: 'direct' }] } : {}),
    meta: { created: $createdAt, lastModified: $updatedAt, version: `W/"${String($version)}"` },
  }
}

/** Returns the fields of a user that SCIM's view gives; `before` is the user as it was. Throws an ObjectError. */
export function scimToUser(scim: Json, before: EntityFields | undefined): Readonly<Record<string, JsonValue>> {
  const userName = textOf(scim['userName'])
  const email = primaryOf(scim['emails'], before?.['email']) ?? (isAddress(userName) ? userName : undefined)
  if (email === undefined) {
    const message = 'expects an email address: as userName, or as the value of the primary of emails'
    throw new ObjectError({ code: 'validation_error', field: 'emails', message })
  }
  const parts = isPlainObject(scim['name']) ? scim['name'] : {}
  const values: Record<string, JsonValue | undefined> = {
    userName: userName === email ? undefined : userName,
    externalId: textOf(scim['externalId']),
    givenName: textOf(parts['givenName']),
    familyName: textOf(parts['familyName']),
  }
  const formerly = before === undefined ? {} : keptOf(before)
  // An update merges JSON, so what is not there any more is named as null.
  const stored = Object.fromEntries(
    Object.entries(values).flatMap(([name, value]): readonly (readonly [string, JsonValue])[] =>
      value === undefined && !Object.hasOwn(formerly, name) ? [] : [[name, value ?? null]],
    ),
  )
  const status = statusOf(scim['active'], before?.['status'])
  return {
    email,
    name: nameOf(scim, parts, before) ?? email,
    ...(Object.keys(stored).length === 0 ? {} : { metadata: { [kept]: stored } }),
    ...(status === before?.['status'] ? {} : { status }),
  }
}

interface Kept {
  readonly userName?: string
  readonly externalId?: string
  readonly givenName?: string
  readonly familyName?: string
}

function keptOf({ metadata }: EntityFields): Kept {
  const values = isPlainObject(metadata) && isPlainObject(metadata[kept]) ? metadata[kept] : {}
  const texts = Object.entries(values).filter(([, value]) => typeof value === 'string')
  return Object.fromEntries(texts)
}

/** A client may change any of the forms of a name: the one that differs from before counts. */
function nameOf(scim: Json, parts: Json, before: EntityFields | undefined): string | undefined {
  const former = before?.['name']
  const { givenName, familyName } = before === undefined ? {} : keptOf(before)
  const [given, family] = [textOf(parts['givenName']), textOf(parts['familyName'])]
  const joined = [given, family].filter((part) => part !== undefined).join(' ')
  const written = [textOf(scim['displayName']), textOf(parts['formatted'])].filter((name) => name !== undefined)
  const changed = written.find((name) => name !== former)
  if (changed !== undefined) return changed
  if (joined !== '' && (given !== givenName || family !== familyName)) return joined
  return written[0] ?? (joined === '' ? undefined : joined)
}

/** An address that was added beside the one of before, as the only primary, takes its place. */
function primaryOf(emails: unknown, former: JsonValue | undefined): string | undefined {
  const listed = Array.isArray(emails) ? emails.filter((one): one is Json => isPlainObject(one)) : []
  const primary = listed.find((one) => one['primary'] === true && one['value'] !== former)
  return textOf((primary ?? listed.find((one) => one['primary'] === true) ?? listed[0])?.['value'])
}

/** A new person is invited: signing in takes an account, which the invitation joins. */
function statusOf(active: unknown, former: JsonValue | undefined): JsonValue {
  if (active === false) return 'Suspended'
  return former === undefined ? 'Invited' : former === 'Suspended' ? 'Active' : former
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isAddress(text: string | undefined): boolean {
  return text?.includes('@') === true
}
