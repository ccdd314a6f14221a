// Visitors of the sample company's site, more each week, who look at the price and may order; and the experiment of the last weeks.

import { type DemoAct, type DemoDeed, atHour } from './demo-act.ts'
import type { SeededChoice } from './seeded-choice.ts'

const weekDays = 7
const experimentWeeks = 8
/** Visitors who take part in the experiment each week. */
const participantsPart = 20
/** The share of participants that orders, by variant. */
const shares = { table: 0.1, cards: 0.2 }
const pages = ['/', '/', '/berths', '/bookings', '/cameras'] as const
const referrers = ['https://search.example', 'https://sailing.example/forum'] as const

interface Seen {
  readonly name: string
  readonly userId: string
  readonly timestamp: string
  readonly source: string
  readonly path: string
  readonly referrer?: string
}

interface Visits {
  readonly count: number
  readonly days: number
}

export function demoVisitors(choice: SeededChoice, { count, days }: Visits): readonly DemoAct[] {
  const weeks = Math.floor(days / weekDays)
  const acts: DemoAct[] = []
  for (let week = 0, visitor = 0; week < weeks; week++) {
    const [from, until] = [days - (weeks - week) * weekDays, days - (weeks - week - 1) * weekDays]
    // Twice as many at the end as in the middle of the year.
    const share = (2 * week + 1) / weeks ** 2
    const body: Seen[] = []
    for (let one = 0; one < Math.max(1, Math.round(count * share)); one++)
      body.push(...visit(choice, `visitor-${++visitor}`, from + choice.next() * weekDays * 0.98))
    // A site sends what it has seen from time to time.
    acts.push({ day: until - 0.01, write: 'Event.createMany', body: body.map((event) => ({ ...event })) })
  }
  return acts
}

function visit(choice: SeededChoice, userId: string, day: number): readonly Seen[] {
  const referrer = choice.chance(0.5) ? choice.of(referrers) : undefined
  const see = (name: string, path: string, minutes: number): Seen => ({
    name,
    userId,
    timestamp: `@at:${(day + minutes / 1_440).toFixed(5)}`,
    source: 'Browser',
    path,
    ...(referrer === undefined ? {} : { referrer }),
  })
  const sawPrice = choice.chance(0.45)
  const ordered = sawPrice && choice.chance(0.12)
  return [
    see('Visit', choice.of(pages), 0),
    ...(sawPrice ? [see('Price', '/prices', 3)] : []),
    ...(ordered ? [see('Order', '/order', 9)] : []),
  ]
}

/** Participants see one of two price pages. */
export function demoExperiment({ count, days }: Visits): readonly DemoDeed[] {
  const participantsWeekly = Math.ceil(count / participantsPart)
  const begin = days - experimentWeeks * weekDays
  const variants = [
    { key: 'table', name: 'Table' },
    { key: 'cards', name: 'Cards' },
  ]
  const body = {
    name: 'Price page',
    hypothesis: 'Three cards are easier to compare than a table.',
    type: 'ABTest',
    variants,
    primaryMetric: 'Order',
    targetSampleSize: experimentWeeks * participantsWeekly,
    owner: '@mara',
  }
  return [
    { day: Math.max(0, begin - 5), write: 'Experiment.create', body, as: 'experiment' },
    { day: Math.max(0, begin - 4), write: 'Experiment.start', target: '@experiment' },
    ...Array.from({ length: experimentWeeks }, (_, week): DemoDeed => {
      const day = Math.max(1, atHour(begin + (week + 1) * weekDays - 2, 9))
      const first = week * participantsWeekly + 1
      const visitors = Array.from({ length: participantsWeekly }, (_none, one) => `reader-${first + one}`)
      return { day, step: 'expose', experiment: 'experiment', visitors, shares, orderedAt: day + 0.9 }
    }),
  ]
}
