// People who become interested in the sample company over its year: some buy, ask for help, change, or leave.

import { campaignCount } from './demo-offer.ts'
import type { DemoAct } from './demo-act.ts'
import type { SeededChoice } from './seeded-choice.ts'

const harbours = [
  'Skagen',
  'Kiel',
  'Visby',
  'Marstrand',
  'Travemünde',
  'Helgoland',
  'Aarhus',
  'Sandhamn',
  'Warnemünde',
  'Bornholm',
  'Flensburg',
  'Borkum',
  'Smögen',
  'Lübeck',
  'Stralsund',
  'Karlskrona',
]
const kinds = ['Yacht Club', 'Marina', 'Harbour', 'Sailing School']
const firstNames = [
  'Anna',
  'Bo',
  'Clara',
  'David',
  'Elin',
  'Frida',
  'Gustav',
  'Hanne',
  'Ida',
  'Jens',
  'Karl',
  'Lena',
  'Mats',
  'Nora',
  'Ole',
  'Pia',
]
const lastNames = ['Andersen', 'Berg', 'Carlsson', 'Dahl', 'Eriksen', 'Fischer', 'Gade', 'Holm']
const questions = [
  'Booking overlaps',
  'Invoice shows the wrong address',
  'How do I add a berth?',
  'Camera is offline',
  'Export of guests',
  'Password does not arrive',
]
const lostReasons = ['Price', 'Went with another product', 'No budget this year', 'No answer']

interface Interest {
  readonly at: number
  readonly day: number
  readonly choice: SeededChoice
}

export function demoCustomers(
  choice: SeededChoice,
  { count, days }: { readonly count: number; readonly days: number },
): readonly DemoAct[] {
  return Array.from({ length: count }, (_, at) => interest({ at, day: 3 + (at * (days - 5)) / count, choice })).flat()
}

function interest({ at, day, choice }: Interest): readonly DemoAct[] {
  const [name, company] = [
    `${choice.of(firstNames)} ${choice.of(lastNames)}`,
    `${choice.of(harbours)} ${choice.of(kinds)} ${at + 1}`,
  ]
  const lead = `lead-${at}`
  const budget = choice.whole(6, 40) * 100
  const email = `contact-${at + 1}@harbours.example`
  const source = choice.of(['Web', 'Event', 'Referral', 'Paid'])
  const campaign = `@campaign-${choice.whole(0, campaignCount - 1)}`
  const asked: DemoAct = {
    day,
    write: 'Lead.create',
    body: { name, email, company, source, budget, campaign, owner: '@sales' },
    as: lead,
  }
  if (choice.chance(0.2))
    return [
      asked,
      { day: day + 8, write: 'Lead.lose', target: `@${lead}`, body: { lostReason: choice.of(lostReasons) } },
    ]
  const deal = `@${lead}.deal`
  return [
    asked,
    {
      day: day + 5,
      write: 'Lead.convert',
      target: `@${lead}`,
      body: { dealName: company, value: budget, pipeline: '@pipeline' },
      as: lead,
    },
    {
      day: day + 6,
      write: 'Activity.log',
      body: { subject: `Call with ${name}`, type: 'Call', deal, contact: `@${lead}.contact`, assignee: '@sales' },
    },
    { day: day + 9, write: 'Deal.advance', target: deal },
    { day: day + 14, write: 'Deal.advance', target: deal },
    ...decision({ at, day: day + 21, choice }),
  ]
}

function decision({ at, day, choice }: Interest): readonly DemoAct[] {
  const deal = `@lead-${at}.deal`
  if (choice.chance(0.3))
    return [{ day, write: 'Deal.lose', target: deal, body: { lostReason: choice.of(lostReasons) } }]
  const price = choice.of(['harbour-monthly', 'harbour-monthly', 'marina-monthly', 'marina-monthly', 'marina-yearly'])
  const quantity = choice.whole(1, 3)
  return [
    { day, write: 'Deal.win', target: deal, body: { price: `@${price}`, quantity }, as: `won-${at}` },
    ...extras({ at, day, choice }, price),
    ...onboarding({ at, day, choice }),
    ...help({ at, day, choice }),
    ...change({ at, day, choice }, price),
  ]
}

/** Cameras beside the plan, some with a discount. A yearly plan has none, since they are paid by the month. */
function extras({ at, day, choice }: Interest, price: string): readonly DemoAct[] {
  if (price.endsWith('yearly') || !choice.chance(0.4)) return []
  const coupon = choice.of([{ coupon: '@boat-show' }, { coupon: '@partner' }, {}])
  const body = {
    subscription: `@won-${at}.subscription`,
    price: '@cameras',
    quantity: choice.whole(1, 4),
    taxRate: '@vat',
    ...coupon,
  }
  return [{ day: day + 1, write: 'SubscriptionItem.create', body }]
}

/** Two days of help on an invoice of its own. Some of it is credited and paid back. */
function onboarding({ at, day, choice }: Interest): readonly DemoAct[] {
  if (!choice.chance(0.4)) return []
  const bill = `bill-${at}`
  const coupon = choice.chance(0.5) ? '@welcome' : undefined
  const line = {
    invoice: `@${bill}`,
    description: 'Onboarding',
    quantity: 2,
    unitAmount: 45_000,
    taxRate: '@vat',
    coupon,
  }
  const paid: readonly DemoAct[] = [
    { day: day + 2, write: 'Invoice.create', body: { customer: `@won-${at}.customer`, currency: 'EUR' }, as: bill },
    { day: day + 2, write: 'LineItem.create', body: line },
    { day: day + 3, write: 'Invoice.finalize', target: `@${bill}`, as: bill },
    {
      day: day + 12,
      write: 'Payment.capture',
      body: { invoice: `@${bill}`, amount: `@${bill}.amountDue`, method: 'bank_transfer' },
      as: `paid-${at}`,
    },
  ]
  if (!choice.chance(0.3)) return paid
  const amount = 20_000
  return [
    ...paid,
    { day: day + 20, write: 'Invoice.credit', target: `@${bill}`, body: { amount, reason: 'product_unsatisfactory' } },
    { day: day + 20, write: 'CreditNote.first', body: { invoice: `@${bill}` }, as: `note-${at}` },
    { day: day + 21, write: 'Payment.refund', target: `@paid-${at}`, body: { amount, creditNote: `@note-${at}` } },
  ]
}

function help({ at, day, choice }: Interest): readonly DemoAct[] {
  return Array.from({ length: choice.whole(0, 3) }, (_, number): readonly DemoAct[] => {
    const [ticket, asked] = [`ticket-${at}-${number}`, day + 5 + number * choice.whole(10, 60)]
    const subject = choice.of(questions)
    const body = {
      subject,
      description: `${subject}: please help.`,
      priority: choice.of(['Low', 'Medium', 'High', 'Urgent']),
      channel: choice.of(['Email', 'Chat', 'Web']),
      requester: `@won-${at}.contact`,
      organization: `@won-${at}.organization`,
    }
    const answered = asked + choice.next() * 0.8
    return [
      { day: asked, write: 'Ticket.create', body, as: ticket },
      { day: asked + 0.02, write: 'Ticket.assign', target: `@${ticket}`, body: { assignee: '@support' } },
      {
        day: answered,
        write: 'Message.create',
        body: {
          ticket: `@${ticket}`,
          channel: 'Chat',
          direction: 'Outbound',
          status: 'Sent',
          body: 'Thank you, I am looking into it.',
          sender: '@support',
        },
      },
      ...(choice.chance(0.85)
        ? [
            {
              day: answered + choice.next() * 3,
              write: 'Ticket.resolve',
              target: `@${ticket}`,
              body: { resolution: 'Explained.', satisfaction: choice.whole(2, 5) },
            } as const,
          ]
        : []),
    ]
  }).flat()
}

function change({ at, day, choice }: Interest, price: string): readonly DemoAct[] {
  const target = `@won-${at}.subscription`
  const later = day + choice.whole(40, 160)
  const drawn = choice.next()
  if (drawn < 0.15)
    return [
      {
        day: later,
        write: 'Subscription.cancel',
        target,
        body: { cancelReason: choice.of(['Too expensive', 'Harbour closed']) },
      },
    ]
  if (drawn < 0.3 && price === 'harbour-monthly')
    return [{ day: later, write: 'Subscription.upgrade', target, body: { price: '@marina-monthly' } }]
  if (drawn < 0.36)
    return [
      { day: later, write: 'Subscription.pause', target },
      { day: later + 45, write: 'Subscription.reactivate', target },
    ]
  return []
}
