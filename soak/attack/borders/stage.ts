// Two tenants of one server with people, agents and keys, and values that an attacker must never see. Each value is a word that
// occurs nowhere else, so that an answer that has it has crossed a border.

import { type Came, type RawRequest, sendRaw } from './raw-request.ts'
import { StageBuilder } from './stage-builder.ts'

/** Who attacks. `nobody` has no proof at all. */
export type Attacker =
  | 'nobody'
  | 'page'
  | 'sales'
  | 'viewer'
  | 'reader'
  | 'writer'
  | 'agent'
  | 'revoked'
  | 'expired'
  | 'removed'
  | 'suspended'
  | 'globex'

export interface Stage {
  readonly url: string
  /** The session of the owner of a claimed server. Without one, everybody without a key is the owner. */
  readonly cookie: string | undefined
  /** Keys and ids by name, which `$name` stands for in requests. */
  readonly names: ReadonlyMap<string, string>
  /** Asks with all rights. */
  readonly owner: (request: RawRequest) => Promise<Came>
  readonly send: (request: RawRequest) => Promise<Came>
  /** Words that an attacker may see in answers; all others of the stage are secret. */
  readonly secretsFor: (attacker: Attacker) => readonly string[]
}

export const acme = '/~acme'
export const globex = '/~globex'

const marks = {
  hiddenDeal: 'Topazmerger',
  hiddenValue: '777123456',
  ownValue: '424297531',
  hiddenContact: 'Zeldasecret',
  hiddenEmail: 'zeldasecret@example.com',
  hiddenCode: 'Onyxcode',
  hiddenNote: 'Malachitenote',
  hiddenAddress: 'people.example',
  secret: 'Garnetpassword',
  otherTenant: 'Quartzperson',
} as const
/** What callers with a role that reads everything may see. */
const ofTenant = [
  marks.hiddenDeal,
  marks.hiddenValue,
  marks.ownValue,
  marks.hiddenContact,
  marks.hiddenEmail,
  marks.hiddenCode,
  marks.hiddenNote,
  marks.hiddenAddress,
]

/** The time after which the key that expires has expired. */
export const keyEndsMs = 1_200

/** `cookie` is that of the owner of a claimed server; without one, everything is allowed. */
export async function setStage(url: string, cookie?: string): Promise<Stage> {
  const builder = new StageBuilder(url, cookie)
  if (cookie !== undefined)
    for (const tenant of [acme, globex])
      await builder.owner({ method: 'POST', path: '/account/tenants', body: { tenant: tenant.slice(2) } })
  await fillAcme(builder)
  await makeKeys(builder)
  await leaveTraces(builder)
  await fillGlobex(builder)
  for (const [name, tenant] of [
    ['program', acme],
    ['otherProgram', acme],
    ['globexProgram', globex],
  ] as const)
    await builder.program(name, tenant)
  const { names } = builder
  // The first use of a key is recorded, which is no effect of an attack.
  for (const [name, key] of names)
    if (name.endsWith('Key')) {
      const tenant = name.startsWith('globex') ? globex : acme
      await sendRaw(url, {
        method: 'GET',
        path: `${tenant}/whoami?strong=true`,
        headers: { authorization: `Bearer ${key}` },
      })
    }
  names.set('code', marks.hiddenCode).set('url', url)
  const keys = [...names].filter(([name]) => name.endsWith('Key')).map(([, value]) => value)
  return {
    url,
    cookie,
    names,
    owner: (request) => builder.owner(request),
    send: (request) => sendRaw(url, request),
    secretsFor: (attacker) => {
      const seen =
        attacker === 'page'
          ? Object.values(marks)
          : attacker === 'viewer' || attacker === 'reader' || attacker === 'agent'
            ? ofTenant
            : attacker === 'globex'
              ? [marks.otherTenant]
              : []
      return [...Object.values(marks).filter((mark) => !seen.includes(mark)), ...keys]
    },
  }
}

async function fillAcme(builder: StageBuilder): Promise<void> {
  await builder.make('contact', `${acme}/Contact`, { name: marks.hiddenContact, email: marks.hiddenEmail })
  await builder.do('PATCH', `${acme}/schema/User`, { fields: { role: 'Owner | Admin | Member | Viewer | Sales' } })
  await builder.do('PUT', `${acme}/schema/Badge`, { fields: { code: 'string!##', owner: '-> User' } })
  const own = { read: { owner: '$me' }, write: { owner: '$me' }, verbs: 'all' }
  const Sales = {
    nouns: {
      Deal: { ...own, hidden: ['value'] },
      Badge: own,
      User: { read: 'all', hidden: ['email', 'role'] },
      Product: { read: 'all' },
      Segment: { read: 'all' },
      Funnel: { read: 'all' },
      FeatureFlag: { read: 'all' },
    },
  }
  await builder.do('PUT', `${acme}/rules`, { roles: { Sales } })
  const person = (name: string, role: string) =>
    builder.make(name, `${acme}/User`, { name, email: `${name}@${marks.hiddenAddress}`, role })
  await person('ada', 'Sales')
  await person('bob', 'Sales')
  await person('vic', 'Viewer')
  await person('sue', 'Admin')
  await builder.make('helper', `${acme}/Agent`, { name: 'Helper', owner: builder.id('vic'), status: 'Active' })
  const deal = { stage: 'Prospecting' }
  await builder.make('own', `${acme}/Deal`, {
    ...deal,
    name: 'Own deal',
    value: Number(marks.ownValue),
    owner: builder.id('ada'),
    contact: builder.id('contact'),
  })
  await builder.make('hidden', `${acme}/Deal`, {
    ...deal,
    name: marks.hiddenDeal,
    value: Number(marks.hiddenValue),
    owner: builder.id('bob'),
  })
  await builder.make('badge', `${acme}/Badge`, { code: marks.hiddenCode, owner: builder.id('bob') })
  await builder.make('segment', `${acme}/Segment`, { name: 'All contacts', criteria: { name: { $exists: true } } })
  await builder.make('note', `${acme}/Activity`, {
    subject: marks.hiddenNote,
    deal: builder.id('hidden'),
    type: 'Note',
  })
  await builder.do('PUT', `${acme}/secrets/mail-password`, { value: marks.secret })
}

async function makeKeys(builder: StageBuilder): Promise<void> {
  for (const [name, owner] of [
    ['sales', 'ada'],
    ['viewer', 'vic'],
    ['agent', 'helper'],
    ['suspended', 'sue'],
  ] as const)
    await builder.key(name, acme, { owner: builder.id(owner) })
  await builder.key('reader', acme, { scopes: 'read' })
  await builder.key('writer', acme, { scopes: 'write:Product' })
  await builder.key('revoked', acme)
  await builder.key('removed', acme)
  await builder.key('expired', acme, { expiresAt: new Date(Date.now() + 1_000).toISOString() })
  await builder.do('POST', `${acme}/ApiKey/${builder.id('revokedId')}/revoke`, {})
  await builder.do('DELETE', `${acme}/ApiKey/${builder.id('removedId')}`)
  await builder.do('POST', `${acme}/User/${builder.id('sue')}/suspend`, {})
}

/** Names what earlier requests have left: events, cursors, plans, answers under a key, and files. */
async function leaveTraces(builder: StageBuilder): Promise<void> {
  const events = await builder.do('GET', `${acme}/events?limit=1000`)
  const { results } = JSON.parse(events.body) as {
    readonly results: readonly { readonly $id: string; readonly target: string; readonly commit: number }[]
  } // as documented
  const event = results.find(({ target }) => target === builder.id('hidden'))
  builder.names.set('event', String(event?.$id))
  builder.names.set('commit', String(event?.commit))
  const page = await builder.do('GET', `${acme}/Deal?limit=1&sort=name&strong=true`)
  builder.names.set('cursor', String((JSON.parse(page.body) as { readonly cursor: unknown }).cursor))
  const tried = await builder.do('DELETE', `${acme}/Deal/${builder.id('hidden')}?dryRun=true`)
  builder.names.set('plan', String((JSON.parse(tried.body) as { readonly plan: unknown }).plan))
  await builder.owner({
    method: 'POST',
    path: `${acme}/Product`,
    headers: { 'idempotency-key': 'the-owners-order' },
    body: { name: 'A public product' },
  })
  await builder.do('POST', `${acme}/lake/flush`, {})
  const lake = JSON.parse((await builder.do('GET', `${acme}/lake`)).body) as Lake
  builder.names.set('s3Id', lake.s3.accessKeyId).set('s3Secret', lake.s3.secretAccessKey)
}

interface Lake {
  readonly s3: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

async function fillGlobex(builder: StageBuilder): Promise<void> {
  await builder.make('quartz', `${globex}/Contact`, { name: marks.otherTenant })
  await builder.make('quartz2', `${globex}/Contact`, { name: 'Second' })
  await builder.key('globex', globex)
  await builder.key('globexSales', globex, { scopes: 'read:Deal' })
  const page = await builder.do('GET', `${globex}/Contact?limit=1&strong=true`)
  builder.names.set('globexCursor', String((JSON.parse(page.body) as { readonly cursor: unknown }).cursor))
  const write = await builder.do('PATCH', `${globex}/Contact/${builder.id('quartz2')}`, { title: 'x' })
  builder.names.set('globexBookmark', String(write.headers['x-headlessly-bookmark']))
  await builder.do('POST', `${globex}/lake/flush`, {})
  const lake = JSON.parse((await builder.do('GET', `${globex}/lake`)).body) as Lake
  builder.names.set('globexS3Id', lake.s3.accessKeyId).set('globexS3Secret', lake.s3.secretAccessKey)
}
