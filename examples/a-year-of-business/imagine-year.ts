// Imagines a year from a seed: acts in the order of their times, all at different seconds of the day, so that two acts, or an
// act and a renewal, never fall into the same moment.

import { type Act, type Deed, priceKeys, priorities, steps } from './acts.ts'
import { addDays, dayMs, hourMs, localTime, instantOf } from './calendar.ts'
import { Random } from './random.ts'

export interface YearSize {
  readonly organizations: number
  readonly customers: number
  readonly tickets: number
  readonly deals: number
  readonly campaigns: number
  readonly visitors: number
  readonly days: number
}

/** The size of the year in which the product was first tried. */
export const wholeYear: YearSize = {
  organizations: 400,
  customers: 250,
  tickets: 2_000,
  deals: 895,
  campaigns: 12,
  visitors: 600,
  days: 365,
}

export const yearStartMs = instantOf({ year: 2026, month: 0, day: 1, ofDayMs: 0 })

/** Working hours of the outside world, on the wall. */
const fromSecond = 8 * 3_600
const untilSecond = 20 * 3_600

class Diary {
  readonly acts: Act[] = []
  readonly random: Random
  readonly #days: number
  readonly #seconds = new Set<number>()

  constructor(random: Random, days: number) {
    this.random = random
    this.#days = days
  }

  /** Notes an act of that day, unless the year is over. Returns its time. */
  note(day: number, deed: Deed): number {
    const { year, month, day: date } = localTime(addDays(yearStartMs, Math.floor(day)))
    const atMs = instantOf({ year, month, day: date, ofDayMs: this.#second() * 1_000 })
    if (day >= 0 && day < this.#days) this.acts.push({ ...deed, atMs })
    return atMs
  }

  /** A time of its own, for something that the act plans. */
  plan(day: number): number {
    const { year, month, day: date } = localTime(addDays(yearStartMs, Math.floor(day)))
    return instantOf({ year, month, day: date, ofDayMs: this.#second() * 1_000 })
  }

  /** When all are used, they are used again: the order within a second is that of the notes. */
  #second(): number {
    if (this.#seconds.size >= (untilSecond - fromSecond) * 0.9) this.#seconds.clear()
    for (;;) {
      const second = this.random.whole(fromSecond, untilSecond)
      if (this.#seconds.has(second)) continue
      this.#seconds.add(second)
      return second
    }
  }
}

export function imagineYear(size: YearSize, seed: number): readonly Act[] {
  const diary = new Diary(new Random(seed), size.days)
  const met = Array.from({ length: size.organizations }, (_, at) => {
    // A third is known from the first day on.
    const day = at < size.organizations / 3 ? 0 : diary.random.whole(0, size.days)
    diary.note(day, { kind: 'meet', organization: `o${at}` })
    return day
  })
  const someone = (): { readonly organization: string; readonly day: number } => {
    const at = diary.random.whole(0, met.length)
    return { organization: `o${at}`, day: (met[at] ?? 0) + 1 }
  }
  for (let at = 0; at < size.customers; at++) subscribe(diary, { customer: `c${at}`, size, ...someone() })
  for (let at = 0; at < size.tickets; at++) askForHelp(diary, { ticket: `t${at}`, size, ...someone() })
  const campaigns = Array.from({ length: size.campaigns }, (_, at) => advertise(diary, { campaign: `k${at}`, size }))
  for (let at = 0; at < size.deals; at++) sell(diary, { deal: `d${at}`, size, campaigns, ...someone() })
  for (let at = 0; at < size.visitors; at++) browse(diary, { visitor: `v${at}`, size })
  return diary.acts.toSorted((a, b) => a.atMs - b.atMs)
}

interface Subject {
  readonly organization: string
  /** The first day on which it can act. */
  readonly day: number
  readonly size: YearSize
}

function subscribe(diary: Diary, { customer, organization, day, size }: Subject & { readonly customer: string }): void {
  const { random } = diary
  // More of them in the first half of the year, so that most have several bills.
  const start = Math.min(...[0, 1, 2, 3].map(() => random.whole(day, Math.max(day + 1, size.days))))
  const price = random.weighted(priceKeys, [4, 5, 2, 1])
  const quantity = random.chance(0.6) ? random.whole(1, 4) : random.whole(4, 25)
  diary.note(start, { kind: 'signUp', customer, organization, price, quantity })
  payBills(diary, { customer, start, size })
  if (random.chance(0.25)) {
    const other = price === 'starter' ? 'team' : price === 'team' ? 'starter' : price
    const next = random.chance(0.5) ? other : price
    const seats = next === price ? quantity + random.whole(1, 6) : quantity
    diary.note(start + random.whole(1, 200), { kind: 'changePlan', customer, price: next, quantity: seats })
  }
  if (random.chance(0.12)) {
    const from = start + random.whole(5, 150)
    diary.note(from, { kind: 'pause', customer, resumesAtMs: diary.plan(from + random.whole(5, 70)) })
  }
  if (random.chance(0.3)) {
    const end = start + random.whole(10, 250)
    diary.note(end, { kind: 'cancel', customer, isAtPeriodEnd: random.chance(0.6) })
    if (random.chance(0.25)) diary.note(end + random.whole(35, 90), { kind: 'comeBack', customer })
  }
  if (random.chance(0.65)) {
    const amounts = Array.from({ length: random.whole(1, 4) }, () => random.whole(1_000, 90_000))
    const discount = random.chance(0.5) ? random.whole(0, 900) : 0
    const tax = Math.round((amounts.reduce((sum, amount) => sum + amount, 0) - discount) * 0.19)
    diary.note(start + random.whole(1, 120), { kind: 'bill', customer, amounts, discount, tax })
  }
}

/** Most pay in time, some late, some only after a bank has declined, and some stop. */
function payBills(
  diary: Diary,
  { customer, start, size }: { readonly customer: string; readonly start: number; readonly size: YearSize },
): void {
  const { random } = diary
  const habit = random.weighted(['prompt', 'late', 'declined', 'stops'] as const, [70, 15, 10, 5])
  const stopsAt = start + random.whole(20, 250)
  for (let month = 0; month < 12; month++) {
    const day = start + month * 30.4 + random.whole(1, 9)
    if (day >= size.days || (habit === 'stops' && day > stopsAt)) return
    if (habit === 'late') diary.note(day + random.whole(8, 24), { kind: 'pay', customer })
    else if (habit === 'declined' && random.chance(0.5)) {
      diary.note(day, { kind: 'decline', customer })
      if (random.chance(0.9)) diary.note(day + random.whole(1, 15), { kind: 'pay', customer })
    } else diary.note(day, { kind: 'pay', customer })
    if (random.chance(0.02)) diary.note(day + 12, { kind: 'refund', customer, percent: random.whole(10, 101) })
    if (random.chance(0.02)) diary.note(day - 1, { kind: 'credit', customer, percent: random.whole(5, 101) })
  }
}

function askForHelp(diary: Diary, { ticket, organization, day, size }: Subject & { readonly ticket: string }): void {
  const { random } = diary
  const start = random.whole(day, Math.max(day + 1, size.days))
  const priority = random.weighted(priorities, [3, 5, 3, 1])
  const atMs = diary.note(start, { kind: 'ask', ticket, organization, priority })
  const after = (days: number): number => start + days + (localTime(atMs).ofDayMs > 15 * hourMs ? 1 : 0)
  if (random.chance(0.9)) diary.note(after(random.whole(1, 4)), { kind: 'reply', ticket })
  if (random.chance(0.08)) diary.note(after(4), { kind: 'escalate', ticket })
  if (random.chance(0.9)) diary.note(after(random.whole(5, 16)), { kind: 'solve', ticket })
}

interface Campaign {
  readonly key: string
  readonly startDay: number
}

/** It runs for some weeks, costs more as it goes on, and brings leads. */
function advertise(diary: Diary, { campaign, size }: { readonly campaign: string; readonly size: YearSize }): Campaign {
  const { random } = diary
  const startDay = random.whole(0, Math.max(1, size.days - 10))
  let cost = random.whole(5, 90) * 100
  diary.note(startDay, { kind: 'launch', campaign, cost })
  const days = random.whole(20, 90)
  for (let day = startDay + 1; day < startDay + days; day += random.whole(4, 20)) {
    cost += random.whole(1, 20) * 100
    diary.note(day, { kind: 'spend', campaign, cost })
  }
  for (let at = random.whole(3, 30); at > 0; at--)
    diary.note(startDay + 1 + random.whole(0, days), { kind: 'inquire', lead: `${campaign}-${at}`, campaign })
  if (random.chance(0.8)) diary.note(startDay + days + 1, { kind: 'finish', campaign })
  return { key: campaign, startDay }
}

/** Some come back, some register and order, most of them soon. */
function browse(diary: Diary, { visitor, size }: { readonly visitor: string; readonly size: YearSize }): void {
  const { random } = diary
  let day = random.whole(0, size.days)
  if (random.chance(0.8)) diary.note(day, { kind: 'show', visitor })
  for (let visits = random.whole(1, 4); visits > 0; visits--) {
    for (const name of steps.slice(0, random.weighted([1, 2, 3], [5, 3, 3]))) {
      diary.note(day, { kind: 'step', visitor, name })
      day += random.whole(1, 5)
    }
    day += random.whole(1, 12)
  }
}

function sell(
  diary: Diary,
  {
    deal,
    organization,
    day,
    size,
    campaigns,
  }: Subject & { readonly deal: string; readonly campaigns: readonly Campaign[] },
): void {
  const { random } = diary
  const start = random.whole(day, Math.max(day + 1, size.days))
  const value = random.whole(5, 400) * 100
  const begun = campaigns.filter(({ startDay }) => startDay < start)
  const campaign = random.chance(0.4) ? begun[random.whole(0, Math.max(1, begun.length))]?.key : undefined
  const source = campaign === undefined ? {} : { campaign }
  diary.note(start, { kind: 'offer', deal, organization, value, probability: 10, ...source })
  const advanced = start + random.whole(2, 20)
  if (random.chance(0.7)) diary.note(advanced, { kind: 'advance', deal, probability: random.whole(3, 9) * 10 })
  const decided = advanced + random.whole(2, 40)
  if (random.chance(0.8)) diary.note(decided, { kind: random.chance(0.4) ? 'win' : 'lose', deal })
}

/** Returns the ends of the days, at midnight in Berlin. */
export function endsOfDays({ days }: YearSize): readonly number[] {
  return Array.from({ length: days }, (_, day) => addDays(yearStartMs, day + 1))
}

/** A day as a date: `2026-03-05`. */
export function dateOf(endOfDayMs: number): string {
  const { year, month, day } = localTime(endOfDayMs - dayMs / 2)
  return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10)
}
