// Kills the server with SIGKILL while strangers begin trials, write, claim them, and sign out. Afterwards no acknowledged step is
// lost or half done: a claimed tenant has its data, one active owner and no key of before; a session that has ended proves nothing;
// and a claim whose answer was lost has happened whole or not at all.
//
//   npm run soak:kill-people -- --rounds 5

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { type Server, startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { makeOwnerLink } from '../apps/headless.ly/src/embedded/owner-link.ts'
import { killServer, sleep } from './kill-server.ts'

const peoplePerRound = 16
const killsPerRound = 3
const settledMs = 20_000

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, seed: { type: 'string' } } })
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const random = seededRandom(seed)
await buildIfStale()
const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-kill-people-'))
const link = makeOwnerLink('claim')
const options = { dataFolder, port: 0, requireSignIn: true, trials: 'open', trustedProxies: '127.0.0.1' }
const server: Server = await startServer({ ...options, ownerLink: link.binding })
const counts = { claimed: 0, lostAnswers: 0, repeated: 0, signedOut: 0, kills: 0 }
let people = 0

interface Asked {
  readonly body?: object
  readonly key?: string
  readonly cookie?: string
  readonly sender?: number
}

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly cookie: string
}

/** Returns undefined if the answer was lost. */
async function ask(path: string, { body, key, cookie, sender = 0 }: Asked = {}): Promise<Answer | undefined> {
  try {
    const answer = await fetch(server.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        origin: server.url,
        'x-forwarded-for': `10.${sender >> 8}.${sender & 255}.1`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(cookie === undefined ? {} : { cookie }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    const sent = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']), cookie: sent }
  } catch {
    return undefined
  }
}

/** Asks until there is an answer of the server that is no refusal for the moment. */
async function persist(path: string, asked: Asked = {}): Promise<Answer> {
  for (let time = 0; time < 200; time++) {
    const answer = await ask(path, asked)
    if (answer !== undefined && answer.status < 500) return answer
    await sleep(100)
  }
  throw new Error(`${path} was not answered`)
}

const claimedOwner = await persist('/sign-in/claim', {
  body: { code: link.code, name: 'Owner', email: 'owner@example.com' },
})
const owner = claimedOwner.cookie

/** One stranger's way to a tenant. Throws if anything acknowledged is not so afterwards. */
async function live(): Promise<void> {
  const sender = ++people
  const trial = await persist('/trials', { body: {}, sender })
  const [tenant, key] = [String(trial.body['tenant']), String(trial.body['key'])]
  const at = `/~${tenant}`
  await persist(`${at}/Contact`, { body: { name: `of ${sender}` }, key, sender })
  const { body, status } = await persist(`${at}/claim`, { body: {}, key, sender })
  if (status !== 201) throw new Error(`no link for ${tenant}: ${JSON.stringify(body)} after ${JSON.stringify(trial)}`)
  const claim = { code: String(body['code']), name: `Person ${sender}`, email: `person-${sender}@example.com` }
  const first = await ask('/sign-in/trial', { body: claim, sender })
  const again = first?.status === 200 ? first : await persist('/sign-in/trial', { body: claim, sender })
  if (first === undefined) counts.lostAnswers++
  if (again.status === 200) {
    counts.claimed++
    if (first === undefined) counts.repeated++
  } else if (first !== undefined && first.status < 500) throw new Error(`a claim was refused: ${JSON.stringify(first)}`)
  const cookie = again.status === 200 ? again.cookie : await joinAsOwner(tenant)
  await check({ at, key, cookie, sender })
  if (cookie === owner) return
  const out = await ask('/sign-out', { body: {}, cookie, sender })
  if (out?.status !== 200) return
  counts.signedOut++
  const after = await persist(`${at}/Contact`, { cookie, sender })
  if (after.status !== 401) throw new Error(`a session that was ended reads ${at}: ${after.status}`)
}

/** The answer to the claim was lost, so nobody has a session of the claimant: the owner of the server looks. */
async function joinAsOwner(tenant: string): Promise<string> {
  const { status } = await persist('/account/tenants', { body: { tenant }, cookie: owner })
  if (status !== 200) throw new Error(`the owner could not join ${tenant}: ${status}`)
  return owner
}

async function check(of: { at: string; key: string; cookie: string; sender: number }): Promise<void> {
  const { at, key, cookie, sender } = of
  const deadline = Date.now() + settledMs
  for (let fault = ''; ; await sleep(200)) {
    if (Date.now() > deadline) throw new Error(`${at}: ${fault}`)
    const [contacts, users, byKey] = [
      await persist(`${at}/Contact`, { cookie, sender }),
      await persist(`${at}/User?email=person-${sender}@example.com`, { cookie, sender }),
      await persist(`${at}/Contact`, { key, sender }),
    ]
    fault = JSON.stringify([contacts, users, byKey.status])
    const isWhole =
      JSON.stringify(contacts.body).includes(`"of ${sender}"`) &&
      /"role":"Owner","status":"Active"|"status":"Active".*"role":"Owner"|"role":"Owner".*"status":"Active"/.test(
        JSON.stringify(users.body),
      )
    if (isWhole && byKey.status === 401) return
  }
}

try {
  for (let round = 0; round < Number(values.rounds); round++) {
    const living = Promise.all(Array.from({ length: peoplePerRound }, live))
    let isOver = false
    const killing = (async () => {
      for (let kill = 0; kill < killsPerRound && !isOver; kill++) {
        await sleep(100 + random() * 700)
        await killServer(server)
        counts.kills++
      }
    })()
    await living.finally(() => (isOver = true))
    await killing
    console.log(`round ${round + 1}, seed ${seed}: ${JSON.stringify(counts)}`)
  }
} finally {
  await server.stop()
  rmSync(dataFolder, { recursive: true, force: true })
}
