// Users and groups of SCIM over the tenant's `User` entities: a group is a role, its members are the users who have it. scimmy brings
// the protocol; its handlers get the request as their context, so nothing here is shared by requests.

import { ask, ListedPages, type ServiceRequest } from '@dotdo/service'
import { type Call, type EntityFields, isPlainObject, type JsonValue, ObjectError } from 'digital-objects'
import SCIMMY from 'scimmy'
import { type Json, type ScimUser, scimToUser, userToScim } from './scim-user.ts'

const { Config, Resources, Schemas, Types } = SCIMMY

/** Filters other than by a user name are applied to the users in memory. */
const usersMax = 2_000
/** A group is replaced in one commit. */
const membersMax = 500

const unstored = [
  'nickName profileUrl title userType preferredLanguage locale timezone password phoneNumbers ims photos addresses',
  'entitlements roles x509Certificates name.middleName name.honorificPrefix name.honorificSuffix',
].flatMap((line) => line.split(' '))

type Request = ServiceRequest
type ScimGroup = Json & { readonly id: string; readonly displayName: string }

/** Makes every refusal of the tenant one of SCIM: scimmy takes other errors for a missing resource. */
async function asScim<Result>(request: Request, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    const { status } = request.describeError(error.toData())
    const { code, message, faults = [] } = error
    const type = code === 'conflict' ? 'uniqueness' : status === 400 || status === 422 ? 'invalidValue' : ''
    const detail = faults.length === 0 ? message : faults.map((fault) => `${fault.field}: ${fault.message}`).join('; ')
    throw new Types.Error(status === 422 ? 400 : status, type, detail)
  }
}

async function usersOf(request: Request): Promise<readonly EntityFields[]> {
  const pages = new ListedPages(request, 'User', { strong: 'true' })
  const users: EntityFields[] = []
  while (!pages.isDone) {
    users.push(...((await pages.next()).rows as readonly EntityFields[]))
    if (users.length > usersMax)
      throw new ObjectError({ code: 'validation_error', message: `SCIM reads at most ${usersMax} users` })
  }
  return users
}

async function readUser(request: Request, id: string): Promise<EntityFields> {
  const { body } = await ask(request, { kind: 'read', read: 'get', noun: 'User', id, parameters: { strong: 'true' } })
  if (!isPlainObject(body)) throw new ObjectError({ code: 'not_found', message: `there is no user '${id}'` })
  return body
}

async function write(request: Request, call: Omit<Call & { kind: 'write' }, 'kind'>): Promise<EntityFields> {
  const { body } = await ask(request, { kind: 'write', ...call })
  return isPlainObject(body) ? body : {}
}

async function saveUser(request: Request, id: string | undefined, scim: Json): Promise<ScimUser> {
  const before = id === undefined ? undefined : await readUser(request, id)
  const body = JSON.stringify(scimToUser(scim, before))
  const of = { noun: 'User', body }
  if (before === undefined) return userToScim(await write(request, { ...of, verb: 'create' }))
  const version = Number(before['$version'])
  return userToScim(await write(request, { ...of, verb: 'update', id: String(before['$id']), ifVersion: version }))
}

/** The name of the user that a filter asks for, which SCIM compares without regard to case. */
function wantedName(filter: readonly unknown[] | undefined): string | undefined {
  const [only, ...others] = filter ?? []
  if (others.length > 0 || !isPlainObject(only) || Object.keys(only).length !== 1) return undefined
  const [operator, value] = Array.isArray(only['userName']) ? only['userName'] : []
  return operator === 'eq' && typeof value === 'string' ? value.toLowerCase() : undefined
}

async function listUsers(request: Request, filter: InstanceType<typeof Types.Filter> | undefined): Promise<ScimUser[]> {
  const users = (await usersOf(request)).map(userToScim)
  const name = wantedName(filter)
  if (name !== undefined) return users.filter(({ userName }) => userName.toLowerCase() === name)
  return filter === undefined ? users : filter.match(users)
}

async function groupsOf(request: Request): Promise<readonly ScimGroup[]> {
  const { body } = await ask(request, { kind: 'read', read: 'rules', parameters: {} })
  const roles = isPlainObject(body) && isPlainObject(body['roles']) ? Object.keys(body['roles']) : []
  const users = await usersOf(request)
  return roles.map((role) => ({
    id: role,
    displayName: role,
    members: users
      .filter((user) => user['role'] === role)
      .map(({ $id, name }) => ({ value: $id, display: name, type: 'User' })),
  }))
}

async function readGroup(request: Request, id: string): Promise<ScimGroup> {
  const group = (await groupsOf(request)).find((one) => one['id'] === id)
  if (group === undefined) throw new ObjectError({ code: 'not_found', message: `there is no role '${id}'` })
  return group
}

function memberIds(members: unknown): ReadonlySet<string> {
  const listed = Array.isArray(members) ? members.filter((one): one is Json => isPlainObject(one)) : []
  return new Set(listed.map(({ value }) => String(value)))
}

/** Gives the role to new members, and takes it from those who are missing, in one commit. */
async function saveGroup(request: Request, role: string, scim: Json): Promise<ScimGroup> {
  const known = await readGroup(request, role)
  if (scim['displayName'] !== role)
    throw new ObjectError({
      code: 'forbidden',
      field: 'displayName',
      message: 'only the rules of a tenant name its roles',
    })
  const [before, after] = [memberIds(known['members']), memberIds(scim['members'])]
  const given = [...after].filter((user) => !before.has(user)).map((user) => ({ user, to: role }))
  const taken = [...before].filter((user) => !after.has(user)).map((user) => ({ user, to: null }))
  const changes = [...given, ...taken]
  if (changes.length > membersMax)
    throw new ObjectError({ code: 'validation_error', message: `at most ${membersMax} members change at once` })
  const operations = changes.map(({ user, to }) => ({
    method: 'PATCH',
    path: `/User/${encodeURIComponent(user)}`,
    body: { role: to } satisfies Record<string, JsonValue>,
  }))
  if (operations.length > 0) await write(request, { noun: '', verb: 'batch', body: JSON.stringify({ operations }) })
  return readGroup(request, role)
}

/** The context is what a route passes on. */
function requestOf(context: unknown): Request {
  return context as Request
}

Config.set({ patch: true, filter: 200, sort: true })
Config.set('authenticationSchemes', [
  { type: 'oauthbearertoken', name: 'API key', description: 'A key of the tenant that may do everything.' },
])
// A bundle may rename classes, whose names would count otherwise.
Resources.declare(Resources.User, 'User')
Resources.declare(Resources.Group, 'Group')
// The schema has what a `User` holds. What else a client creates with is not stored, and a change of it is refused.
const { definition } = Schemas.User
definition.truncate(...unstored)
for (const { name, config, subAttributes = [] } of definition.attributes) {
  if (name !== 'emails') continue
  config.required = true
  for (const part of subAttributes) if (part.name === 'value') part.config.required = true
}
Resources.User.ingress(async (resource, instance, context) =>
  asScim(requestOf(context), () => saveUser(requestOf(context), resource.id, { ...instance })),
)
Resources.User.egress(async ({ id, filter }, context) => {
  const request = requestOf(context)
  return asScim(request, async () =>
    id === undefined ? listUsers(request, filter) : userToScim(await readUser(request, id)),
  )
})
Resources.User.degress(async ({ id = '' }, context) => {
  await asScim(requestOf(context), () => write(requestOf(context), { noun: 'User', verb: 'delete', id, body: '' }))
})
Resources.Group.ingress(async (resource, instance, context) =>
  asScim(requestOf(context), () => saveGroup(requestOf(context), resource.id ?? '', { ...instance })),
)
Resources.Group.egress(async ({ id, filter }, context) => {
  const request = requestOf(context)
  return asScim(request, async () => {
    if (id !== undefined) return readGroup(request, id)
    const groups = await groupsOf(request)
    return filter === undefined ? [...groups] : filter.match([...groups])
  })
})
export { Resources as scimResources }
