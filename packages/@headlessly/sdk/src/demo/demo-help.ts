// Customers of the sample company who ask for help: most are answered in time and resolved; those of the last days wait.

import { type DemoAct, atHour } from './demo-act.ts'
import type { Buyer } from './demo-customers.ts'
import { topics } from './demo-topics.ts'
import type { SeededChoice } from './seeded-choice.ts'

type Priority = 'Low' | 'Medium' | 'High' | 'Urgent'

/** Hours until the first answer and until the end, of a ticket that meets its targets, and of one that does not. */
const hours: Readonly<
  Record<Priority, { readonly good: readonly [number, number]; readonly late: readonly [number, number] }>
> = {
  Urgent: { good: [0.5, 2], late: [1.5, 6] },
  High: { good: [2, 9], late: [6, 20] },
  Medium: { good: [5, 40], late: [28, 110] },
  Low: { good: [20, 120], late: [76, 300] },
}
const priorities = ['Low', 'Medium', 'Medium', 'Medium', 'High', 'High', 'Urgent'] as const
const ratings = [5, 5, 5, 4, 4, 4, 5, 3, 2]
const channels = ['Email', 'Chat', 'Web'] as const
/** Tickets of the last days are in `waiting`. */
const quietDays = 10

/** Tickets that still wait at the end: hours since each came, and how far it has got. */
const waiting = [
  { ago: 33, priority: 'Medium', state: 'new', topic: 6 },
  { ago: 86, priority: 'Medium', state: 'Pending', topic: 5 },
  { ago: 60, priority: 'Low', state: 'InProgress', topic: 3 },
  { ago: 38, priority: 'Medium', state: 'answered', topic: 1 },
  { ago: 3.2, priority: 'High', state: 'Escalated', topic: 2 },
  { ago: 11, priority: 'Medium', state: 'new', topic: 0 },
  { ago: 9, priority: 'Low', state: 'new', topic: 4 },
] as const

interface Asked {
  readonly id: string
  readonly buyer: Buyer
  readonly day: number
  readonly priority: Priority
  readonly topic: number
  readonly channel: (typeof channels)[number]
}

export function demoHelp(
  choice: SeededChoice,
  { buyers, days }: { readonly buyers: readonly Buyer[]; readonly days: number },
): readonly DemoAct[] {
  const past = buyers.flatMap((buyer) =>
    Array.from({ length: choice.whole(0, 3) }, (_, number): readonly DemoAct[] => {
      const day = atHour(buyer.day + 6 + number * choice.whole(12, 70), choice.whole(8, 16))
      const id = `ticket-${buyer.at}-${number}`
      const topic = choice.whole(0, topics.length - 1)
      const asked = { id, buyer, day, priority: choice.of(priorities), topic, channel: choice.of(channels) }
      const acts = resolved(asked, choice)
      return day < days - quietDays ? acts : []
    }).flat(),
  )
  const open = buyers.slice(-waiting.length).flatMap((buyer, at): readonly DemoAct[] => {
    const { ago, priority, state, topic } = waiting[at] ?? waiting[0]
    const [id, day, channel] = [`waiting-${at}`, days - ago / 24, channels[at % channels.length] ?? 'Email']
    return day < buyer.day + 1 ? [] : unresolved({ id, buyer, day, priority, topic, channel }, state)
  })
  return [...past, ...open]
}

function ask({ id, buyer: { at }, day, priority, topic, channel }: Asked): DemoAct {
  const { subject, question } = topicOf(topic)
  const body = {
    subject,
    description: question,
    priority,
    channel,
    requester: `@won-${at}.contact`,
    organization: `@won-${at}.organization`,
  }
  return { day, write: 'Ticket.create', body, as: id }
}

function assign({ id, day }: Asked): DemoAct {
  return { day, write: 'Ticket.assign', target: `@${id}`, body: { assignee: '@support' } }
}

function answer({ id, buyer, topic }: Asked, day: number): DemoAct {
  const body = {
    ticket: `@${id}`,
    channel: 'Chat',
    direction: 'Outbound',
    status: 'Sent',
    body: `Hello ${buyer.name.split(' ')[0] ?? ''},\n${topicOf(topic).answer}`,
    sender: '@support',
  }
  return { day, write: 'Message.create', body }
}

function thank({ id, buyer, topic }: Asked, day: number): DemoAct {
  const body = {
    ticket: `@${id}`,
    channel: 'Chat',
    direction: 'Inbound',
    status: 'Delivered',
    body: topicOf(topic).thanks,
    sender: `@won-${buyer.at}.contact`,
  }
  return { day, write: 'Message.create', body }
}

function resolved(asked: Asked, choice: SeededChoice): readonly DemoAct[] {
  const { id, day, priority, topic } = asked
  const [answerHours, endHours] = hours[priority][choice.chance(0.88) ? 'good' : 'late']
  const part = 0.4 + 0.6 * choice.next()
  const end = day + (endHours * part) / 24
  const body = { resolution: topicOf(topic).resolution, satisfaction: choice.of(ratings) }
  return [
    ask(asked),
    assign(asked),
    answer(asked, day + (answerHours * part) / 24),
    ...(choice.chance(0.6) ? [thank(asked, end)] : []),
    { day: end, write: 'Ticket.resolve', target: `@${id}`, body },
  ]
}

function unresolved(asked: Asked, state: (typeof waiting)[number]['state']): readonly DemoAct[] {
  const { id, day } = asked
  const target = `@${id}`
  if (state === 'new') return [ask(asked)]
  const [start, later] = [[ask(asked), assign(asked), answer(asked, day + 0.5 / 24)], day + 1.5 / 24]
  if (state === 'answered') return [...start, thank(asked, later)]
  if (state === 'Escalated')
    return [
      ...start,
      { day: later, write: 'Ticket.escalate', target, body: { reason: 'The camera needs a technician.' } },
    ]
  return [...start, { day: later, write: 'Ticket.update', target, body: { status: state } }]
}

function topicOf(at: number): (typeof topics)[number] {
  const topic = topics[at % topics.length]
  if (topic === undefined) throw new Error('expected at least one topic')
  return topic
}

/** Letters to the sample company that belong to no ticket. */
export function demoLetters(buyers: readonly Buyer[], days: number): readonly DemoAct[] {
  const letters = [
    ['Prices of next season', 'Good morning,\ndo your prices stay the same next season? Our board meets on Thursday.'],
    [
      'A reference for our neighbours',
      'The harbour next to us asks how we like Tidewater. May I give them your number?',
    ],
    ['Change of address', 'We have moved the office. Please send bills to Hafenstrasse 12 from now on.'],
  ] as const
  return buyers.slice(-letters.length).map((buyer, at): DemoAct => {
    const [subject = '', text = ''] = letters[at] ?? []
    const contact = `@won-${buyer.at}.contact`
    const body = {
      subject,
      body: text,
      channel: 'Email',
      direction: 'Inbound',
      status: 'Delivered',
      sender: contact,
      contact,
    }
    return { day: Math.max(buyer.day + 1, atHour(days - 1 - 2 * at, 10 + at)), write: 'Message.create', body }
  })
}
