// One named attack on a border: who sends it, where, and what must come back. An answer that has a secret of the stage, or an event
// that the attack has caused, is a crossing, whatever its status.

import { came, type Came, type RawRequest } from './raw-request.ts'
import { acme, type Attacker, globex, type Stage } from './stage.ts'

/** A status, or a word of an attack that is no request. `refused` is any refusal of a request. */
export type Expected = number | string

export interface BorderAttack {
  readonly name: string
  /** The border that it tries. */
  readonly entry: string
  readonly by: Attacker
  readonly expected: readonly Expected[]
  readonly send: (stage: Stage) => Promise<Came>
  /** The servers on which it means anything; both by default. */
  readonly on?: 'open' | 'claimed'
  /** Types of the events that the owner causes during the attack. */
  readonly causes?: readonly string[]
}

/** Further parts of a request, and how its answer is judged beyond its status. */
export interface RowOptions {
  readonly body?: unknown
  readonly headers?: RawRequest['headers']
  readonly on?: BorderAttack['on']
  /** A path whose answer has to be the same, but for what `$names` in either path stand for. */
  readonly like?: string
  /** A text that a proper answer has, so that an answer without anything is no success. */
  readonly shows?: string
  /** A secret that the attacker has sent, and may be told again. */
  readonly sends?: string
}

/** An attack by one request. `$name` stands for a key or an id of the stage. */
export type Row = readonly [
  name: string,
  by: Attacker,
  method: string,
  path: string,
  expected: Expected | readonly Expected[],
  options?: RowOptions,
]

export const refused = 'refused'

export function attacksOf(entry: string, rows: readonly Row[]): readonly BorderAttack[] {
  return rows.map(([name, by, method, path, expected, options = {}]) => ({
    name,
    entry,
    by,
    expected: typeof expected === 'object' ? expected : [expected],
    // Without a proof, everything is allowed on an open server.
    ...(options.on === undefined ? (by === 'nobody' ? { on: 'claimed' as const } : {}) : { on: options.on }),
    send: (stage) => sendRow(stage, { by, method, path, options }),
  }))
}

interface RowRequest {
  readonly by: Attacker
  readonly method: string
  readonly path: string
  readonly options: RowOptions
}

async function sendRow(stage: Stage, { by, method, path, options }: RowRequest): Promise<Came> {
  const { body, headers, like, shows } = options
  const sent = (to: string): Promise<Came> =>
    stage.send({
      method,
      path: filled(stage, to),
      headers: { ...proofOf(stage, by), ...(filledParts(stage, headers ?? {}) as RawRequest['headers']) }, // still headers
      ...(body === undefined ? {} : { body: filledParts(stage, body) }),
    })
  const answer = await sent(path)
  if (shows !== undefined && !answer.text.includes(filled(stage, shows)))
    return { ...answer, status: `without ${shows}` }
  if (like === undefined) return forget(answer, filled(stage, options.sends ?? ''))
  const other = await sent(like)
  const [one, two] = [plain(stage, answer), plain(stage, other)]
  return one === two ? answer : { ...answer, status: `unlike ${like}: ${one.slice(0, 200)} / ${two.slice(0, 200)}` }
}

export function proofOf(stage: Stage, by: Attacker): Readonly<Record<string, string>> {
  if (by === 'nobody') return {}
  if (by === 'page') return stage.cookie === undefined ? {} : { cookie: stage.cookie }
  return { authorization: `Bearer ${filled(stage, `$${by}Key`)}` }
}

export function filled(stage: Stage, text: string): string {
  return text.replace(/\$([a-zA-Z][a-zA-Z0-9]*)/g, (whole, name: string) => stage.names.get(name) ?? whole)
}

function filledParts(stage: Stage, part: unknown): unknown {
  if (typeof part === 'string') return filled(stage, part)
  if (Array.isArray(part)) return part.map((item) => filledParts(stage, item))
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, filledParts(stage, value)]))
}

function forget(answer: Came, sent: string): Came {
  return sent === '' ? answer : { ...answer, text: answer.text.replaceAll(sent, 'sent') }
}

/** An answer without what is its own: the id of the request, times, and ids of entities. */
function plain(_stage: Stage, { status, body }: Came): string {
  return `${status} ${body}`
    .replace(/"requestId":"[^"]*"/, '')
    .replace(/\b[a-z]+_[A-Za-z0-9]{12,}\b/g, 'an-id')
    .replace(/\b(?:Contact|Nothing)\b/g, 'A-Noun')
    .replace(/evt_\w+/g, 'an-event')
}

/** Performs an attack. Returns what it achieved; undefined if it has come to nothing. */
export async function crossingOf(stage: Stage, attack: BorderAttack): Promise<string | undefined> {
  const before = await headsOf(stage, attack.causes)
  const answer = await attack.send(stage).catch((error: unknown) => came('failed', String(error)))
  const isExpected = attack.expected.some((one) =>
    one === refused ? Number(answer.status) >= 400 && Number(answer.status) < 500 : one === answer.status,
  )
  if (!isExpected) return `expected ${attack.expected.join(' or ')}, got ${answer.status} ${answer.body.slice(0, 200)}`
  const seen = stage.secretsFor(attack.by).find((secret) => answer.text.includes(secret))
  if (seen !== undefined) return `the answer has '${seen}': ${answer.text.slice(0, 300)}`
  const after = await headsOf(stage, attack.causes)
  return before === after ? undefined : `it has changed something: ${after.slice(before.length - 40).slice(0, 300)}`
}

/** The types of the events of both tenants. */
async function headsOf(stage: Stage, without: readonly string[] = []): Promise<string> {
  const logs = await Promise.all(
    [acme, globex].map((tenant) => stage.owner({ method: 'GET', path: `${tenant}/events?limit=1000` })),
  )
  return logs
    .map(({ body }) => (JSON.parse(body) as { readonly results: readonly { readonly type: string }[] }).results) // as documented
    .flatMap((results) => results.map(({ type }) => type))
    .filter((type) => !without.includes(type))
    .join()
}
