// Realistic contacts, the same in every run: each row is a function of its number and a fixed seed, so a million rows
// need no memory and a delta can change any of them.

import { idMaker } from 'digital-objects'
import { type EntityRow, seededRandom } from '@dotdo/db'

const seed = 20_261_125
const organizations = 1_000
const users = 50
/** From here on, about one contact per minute. */
const firstMs = Date.UTC(2024, 0, 1)
const everyMs = 47_000
/** Events per contact in the base: one created it, the others changed it. */
const eventsEach = 3
export const deltas = 4
/** A delta changes one row in this many, and deletes a few of these. */
const changedEvery = 100
const deletedEvery = 20

const words = (text: string): readonly string[] => text.split(' ')
const firstNames = words(
  'Ada Grace Alan Edsger Barbara Donald Niklaus Frances Katherine Hedy Annie Jean Radia Leslie Tony Robin Margaret Dennis Ken Brian Bjarne Guido Yukihiro Adele Karen Lynn Shafi Silvio Manuel Judea Fernando José María Zoë Chloé Jürgen Søren Åsa Łukasz Žofia Mehmet Ayşe Omar Fatima Priya Arjun Wei Mei Hiroshi Yuki Min-jun Ji-woo Nguyen Linh Chinedu Amara Kwame Thabo Olga Dmitri Ivan Anna Peter Paul Mary John Emma Olivia Noah Liam Lucas Mia',
)
const lastStarts = words(
  'Love Hop Tur Dijk Lis Knu Wir All John Lam East Bart Perl Lam Hoa Mil Ham Rit Thom Ker Stro Ros Mats Gold Spar Con Gol Mic Blu Pear Cor Gar Fer Schm Mül Han Nil Kow Nov Yıl Kay Has Shar Pat Wan Zha Tan Sato Kim Tran Oka Men Ndl',
)
const lastEnds = words(
  'lace per ing stra kov th en son port ik man ez er sen ov ski ak maz an ma el g eng aka ura for u',
)
const titles = words(
  'CEO CTO CFO COO CMO VP_Sales VP_Engineering VP_Marketing Head_of_Growth Head_of_Product Head_of_People Sales_Manager Account_Executive Account_Manager Product_Manager Program_Manager Software_Engineer Senior_Software_Engineer Staff_Engineer Data_Scientist Data_Analyst Designer Controller Accountant Buyer Procurement_Lead Office_Manager Consultant Founder Partner',
).map((title) => title.replaceAll('_', ' '))
const departments = words('Sales Engineering Marketing Finance Operations People Product Legal Support Procurement')
const roles = words('DecisionMaker Influencer Champion Blocker User')
const stages = words('Lead Lead Lead Lead Qualified Qualified Customer Customer Churned Partner')
const statuses = words('Active Active Active Active Active Active Inactive Bounced Unsubscribed')
const sources = words('web referral conference webinar outbound partner import linkedin ads podcast')
const channels = words('Email Email Email Phone SMS Chat')
const timezones = words(
  'America/New_York America/Chicago America/Los_Angeles America/Sao_Paulo Europe/London Europe/Berlin Europe/Paris Europe/Madrid Asia/Tokyo Asia/Singapore Asia/Kolkata Australia/Sydney',
)
const languages = words('en en en en de fr es pt ja zh')
const consents = words('granted granted denied pending')
const tags = words('newsletter trial enterprise partner event-2025 priority renewal beta')
const plans = words('free starter team business enterprise')

function idsOf(prefix: string, count: number): readonly string[] {
  const random = seededRandom(seed + prefix.length)
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256))
  const makeId = idMaker({ random: bytes })
  return Array.from({ length: count }, (_, at) => makeId({ prefix, nowMs: firstMs + at * everyMs }))
}

/** Yields rows in order of id, each id in a second of its own. A row does not depend on the number of rows. */
export class ContactRows {
  readonly #ids: readonly string[]
  readonly #organizations = idsOf('organization', organizations)
  readonly #users = idsOf('user', users)

  constructor(countMax: number) {
    this.#ids = idsOf('contact', countMax)
  }

  id(at: number): string {
    return this.#ids[at] ?? ''
  }

  base(at: number): EntityRow {
    const random = seededRandom(Math.imul(seed, at + 1))
    const below = (limit: number): number => Math.floor(random() * limit)
    const oneOf = (values: readonly string[]): string => values[below(values.length)] as string
    const has = (share: number): boolean => random() < share
    const number = (): string => `+1 ${200 + below(800)} ${200 + below(800)} ${1_000 + below(9_000)}`
    const [first, last] = [oneOf(firstNames), oneOf(lastStarts) + oneOf(lastEnds)]
    const organization = has(0.85) ? below(organizations) : undefined
    const handle = `${asciiOf(first)}.${asciiOf(last)}${at}`
    const createdAtMs = firstMs + at * everyMs + below(1_000)
    const events = 1 + below(eventsEach)
    const updatedAtMs = events === 1 ? createdAtMs : createdAtMs + below(90 * 86_400_000)
    const creator = oneOf(this.#users)
    return {
      id: this.id(at),
      version: events,
      createdAtMs,
      createdBy: creator,
      updatedAtMs,
      seq: at * eventsEach + events,
      isDeleted: false,
      fields: {
        name: `${first} ${last}`,
        firstName: first,
        lastName: last,
        ...(has(0.95) && { email: `${handle}@${organization === undefined ? 'mail' : `org${organization}`}.example` }),
        ...(has(0.6) && { phone: number() }),
        ...(has(0.3) && { mobile: number() }),
        ...(has(0.3) && { avatar: `https://cdn.example/avatars/${below(2 ** 32).toString(16)}.png` }),
        ...(has(0.7) && { title: oneOf(titles) }),
        ...(has(0.7) && { department: oneOf(departments) }),
        ...(has(0.5) && { role: oneOf(roles) }),
        stage: oneOf(stages),
        status: oneOf(statuses),
        ...(has(0.9) && { source: oneOf(sources) }),
        ...(has(0.8) && { leadScore: Math.floor(101 * random() ** 1.5) }),
        ...(has(0.5) && { preferredChannel: oneOf(channels) }),
        ...(has(0.8) && { timezone: oneOf(timezones) }),
        ...(has(0.8) && { language: oneOf(languages) }),
        ...(has(0.4) && { linkedinUrl: `https://linkedin.example/in/${handle.replaceAll('.', '-')}` }),
        ...(has(0.15) && { twitterHandle: `@${asciiOf(last)}${below(10_000)}` }),
        ...(has(0.6) && { marketingConsent: oneOf(consents) }),
        ...(has(0.7) && { lastEngagement: new Date(updatedAtMs + below(30 * 86_400_000)).toISOString() }),
        ...(organization !== undefined && { organization: this.#organizations[organization] as string }),
        ...(has(0.2) && at > 0 && { manager: this.id(below(at)) }),
        ...(has(0.9) && { assignee: oneOf(this.#users) }),
        ...(has(0.3) && {
          metadata: { plan: oneOf(plans), seats: 1 + below(500), tags: [oneOf(tags), oneOf(tags)], imported: has(0.5) },
        }),
      },
    }
  }

  /** Yields the rows of a delta: about one in a hundred of the first `count`, in order of id; a few are deleted. */
  *delta(count: number, delta: number): Generator<EntityRow> {
    const random = seededRandom(seed + delta)
    const changed = Math.floor(count / changedEvery)
    const { afterSeq } = deltaSeqs(count, delta)
    for (let index = 0; index < changed; index++) {
      const before = this.base(index * changedEvery + Math.floor(random() * changedEvery))
      const updatedAtMs = firstMs + count * everyMs + (delta * changed + index) * 1_000
      const isDeleted = index % deletedEvery === 0
      const changes = {
        stage: stages[Math.floor(random() * stages.length)] as string,
        leadScore: Math.floor(random() * 101),
        lastEngagement: new Date(updatedAtMs).toISOString(),
      }
      yield {
        ...before,
        version: before.version + 1 + delta,
        updatedAtMs,
        seq: afterSeq + 1 + index,
        isDeleted,
        fields: isDeleted ? {} : { ...before.fields, ...changes },
      }
    }
  }
}

/** The last event that the base of the first `count` rows covers. */
export function baseSeq(count: number): number {
  return count * eventsEach
}

/** The events that a delta covers, half-open from below. */
export function deltaSeqs(count: number, delta: number): { readonly afterSeq: number; readonly throughSeq: number } {
  const each = Math.floor(count / changedEvery)
  return { afterSeq: baseSeq(count) + delta * each, throughSeq: baseSeq(count) + (delta + 1) * each }
}

/** Returns the letters of a name that an email address may contain. */
function asciiOf(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll(/[^A-Za-z]/g, '')
    .toLowerCase()
}
