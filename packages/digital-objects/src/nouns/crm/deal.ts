// Deal: a possible sale with its value, its stage and its expected close.

import { Noun } from '../../noun/noun.ts'
import { after, before, first, given, givenOrNow, literal, now, path, today } from '../../verb/effect-values.ts'
import { named, starts } from '../../verb/transition-rows.ts'
import type { EffectValue, RelatedEffect } from '../../noun/verb-effect.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

/** Sets both close dates from whichever one the caller sends. */
const closing = {
  closedAt: first(given('closedAt'), given('actualCloseDate'), now),
  actualCloseDate: first(given('actualCloseDate'), given('closedAt'), today),
}
const open = ['Prospecting', 'Qualification', 'Proposal', 'Negotiation'] as const
const closed = ['Closed', 'Won', 'Lost'] as const

/** From the stages of the deal's pipeline: [{ name, probability, order }]. */
function ofStage(equals: EffectValue, gives: 'name' | 'probability', isNext = false): EffectValue {
  return { kind: 'item', list: path('pipeline.stages'), key: 'name', equals, gives, isNext }
}

const isSold = { named: '$price', has: true } as const
const isFirstSale = [isSold, { field: 'customer', has: false }] as const
/** A price, or the first active price of a plan, says what was sold: its customer gets a subscription to it. */
const sale: readonly RelatedEffect[] = [
  {
    kind: 'update',
    of: 'organization',
    sets: { type: literal('Customer') },
    where: [
      { field: 'type', not: 'Customer' },
      { field: 'type', not: 'Partner' },
    ],
  },
  {
    kind: 'update',
    of: 'contact',
    sets: { stage: literal('Customer') },
    where: { field: 'stage', in: ['Lead', 'Qualified', 'Churned'] },
  },
  {
    kind: 'find',
    noun: 'Price',
    by: { $id: given('price') },
    as: '$price',
    required: true,
    when: { argument: 'price', has: true },
  },
  {
    kind: 'find',
    noun: 'Price',
    by: { plan: given('plan') },
    as: '$price',
    required: true,
    when: [
      { argument: 'plan', has: true },
      { argument: 'price', has: false },
    ],
  },
  {
    kind: 'find',
    noun: 'Price',
    by: { plan: given('plan'), active: literal(true) },
    as: '$price',
    when: [
      { argument: 'plan', has: true },
      { argument: 'price', has: false },
    ],
  },
  { kind: 'find', noun: 'Customer', by: { contact: after('contact') }, as: 'customer', when: isFirstSale },
  { kind: 'find', noun: 'Customer', by: { organization: after('organization') }, as: 'customer', when: isFirstSale },
  {
    kind: 'create',
    noun: 'Customer',
    sets: {
      name: first(path('organization.name'), path('contact.name'), after('name')),
      email: path('contact.email'),
      currency: path('$price.currency'),
      organization: after('organization'),
      contact: after('contact'),
    },
    as: 'customer',
    when: isFirstSale,
  },
  {
    kind: 'create',
    noun: 'Subscription',
    sets: {
      customer: after('customer'),
      price: path('$price'),
      plan: first(given('plan'), path('$price.plan')),
      quantity: given('quantity'),
      currency: path('$price.currency'),
      organization: after('organization'),
      contact: after('contact'),
    },
    as: 'subscription',
    when: [isSold, { field: 'subscription', has: false }],
  },
]

export const Deal = Noun(
  'Deal',
  {
    name: 'string!',
    description: 'text? personal',
    value: 'number(0..)!',
    currency: 'currency?',
    recurringValue: 'number(0..)?',
    recurringInterval: 'Monthly | Quarterly | Yearly',
    stage: 'Prospecting | Qualification | Proposal | Negotiation | Closed | Won | Lost',
    probability: 'number(0..100)?',
    expectedCloseDate: 'date?',
    actualCloseDate: 'date?',
    closedAt: 'datetime?',
    advancedAt: 'datetime?',
    reopenedAt: 'datetime?',
    wonAmount: 'number(0..)?',
    wonReason: 'text?',
    lostReason: 'text?',
    nextStep: 'text? personal',
    competitorNotes: 'text? personal',
    source: 'string?',
    externalId: 'string?##',
    lastActivityAt: 'datetime?',
    rottingAt: 'datetime?',
    organization: '-> Organization.deals',
    contact: '-> Contact.deals personal',
    owner: '-> User.ownedDeals | Contact.ownedDeals',
    campaign: '-> Campaign.deals',
    pipeline: '-> Pipeline.deals',
    product: '-> Product.deals',
    customer: '-> Customer.deals',
    subscription: '-> Subscription.deals',
    tags: 'string[]#',
    metadata: 'json? personal',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    leads: '<- Lead.deal[]',
    activities: '<- Activity.deal[]',
    tickets: '<- Ticket.deal[]',
    close: 'Closed',
    win: 'Won',
    lose: 'Lost',
    advance: 'Advanced',
    reopen: 'Reopened',
    rot: 'Rotting',
  },
  {
    state: 'stage',
    transitions: [
      ...starts('Qualification', 'Proposal', 'Negotiation', ...closed),
      { from: ['Prospecting'], verb: 'advance', to: 'Qualification' },
      { from: ['Qualification'], verb: 'advance', to: 'Proposal' },
      { from: ['Proposal'], verb: 'advance', to: 'Negotiation' },
      ...named('advance', open, open),
      { from: open, verb: 'close', to: 'Closed' },
      { from: [...open, 'Closed'], verb: 'win', to: 'Won' },
      { from: [...open, 'Closed'], verb: 'lose', to: 'Lost' },
      { from: closed, verb: 'reopen', to: 'Prospecting' },
      ...named('reopen', closed, open),
    ],
    states: {
      Closed: { sets: closing, holds: ['closedAt', 'actualCloseDate', 'wonAmount', 'wonReason'] },
      Won: {
        sets: { probability: literal(100), ...closing },
        holds: ['closedAt', 'actualCloseDate', 'wonAmount', 'wonReason'],
      },
      Lost: { sets: { probability: literal(0), ...closing }, holds: ['closedAt', 'actualCloseDate', 'lostReason'] },
    },
    categories: {
      Prospecting: 'open',
      Qualification: 'open',
      Proposal: 'open',
      Negotiation: 'open',
      Closed: 'won',
      Won: 'won',
      Lost: 'lost',
    },
    effects: {
      win: {
        argumentsOnly: ['plan', 'price', 'quantity'],
        argumentTypes: { plan: 'id', price: 'id', quantity: 'integer(1..)' },
        related: sale,
      },
      advance: {
        sets: {
          stage: first(given('stage'), ofStage(before('stage'), 'name', true)),
          probability: first(given('probability'), ofStage(path('stage'), 'probability')),
          advancedAt: givenOrNow('advancedAt'),
        },
      },
      reopen: { sets: { reopenedAt: givenOrNow('reopenedAt') } },
      rot: { systemOnly: true, repeats: true, sets: { rottingAt: now } },
    },
    schedules: [
      {
        at: ['lastActivityAt', '$createdAt'],
        after: { of: 'pipeline', field: 'dealRotting', otherwise: 'P14D' },
        when: { closedAt: null },
        call: 'rot',
      },
    ],
  },
)

export const dealTexts: NounTexts = {
  about: 'A possible sale with its value, its stage and its expected close.',
  descriptions: {
    name: 'Short title of the deal.',
    description: 'Text about what is being sold and why.',
    value: 'Value of the deal in major units of currency, such as 1200.50.',
    currency: 'ISO 4217 code of the amounts, such as USD.',
    recurringValue: 'Amount that recurs each recurringInterval, in major units of currency.',
    recurringInterval: 'Period after which recurringValue is due again.',
    stage: 'Step of the sale; close, win, lose, advance and reopen change it.',
    probability: 'Chance of winning in percent, from 0 to 100; win sets 100 and lose sets 0.',
    expectedCloseDate: 'Date on which the decision is expected.',
    actualCloseDate:
      'Date on which the deal was closed, won or lost; close, win and lose set it, and reopen clears it.',
    closedAt: 'Time the deal was closed, won or lost; close, win and lose set it, and reopen clears it.',
    advancedAt: 'Time the deal last moved to another open stage by advance.',
    reopenedAt: 'Time the deal was last reopened by reopen.',
    wonAmount: 'Amount that was finally agreed, in major units of currency.',
    wonReason: 'Reason the deal was won.',
    lostReason: 'Reason the deal was lost.',
    nextStep: 'Next thing to do for the deal.',
    competitorNotes: 'Notes on competing offers.',
    source: 'Channel that the deal came from, such as referral.',
    externalId: 'Identifier of the deal in another system, unique among deals.',
    lastActivityAt: 'Time of the last completed or logged activity on the deal.',
    rottingAt: 'Time since which nobody has worked on the open deal for too long; rot sets it.',
    organization: 'Organization that buys.',
    contact: 'Contact with whom the deal is negotiated.',
    owner: 'User or contact who is responsible for the deal.',
    campaign: 'Campaign that led to the deal.',
    pipeline: 'Pipeline that the deal moves through.',
    product: 'Product that is being sold.',
    customer: 'Customer that the deal was won with.',
    subscription: 'Subscription that was sold with the deal.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    leads: 'Leads that became this deal.',
    activities: 'Activities that concern the deal.',
    tickets: 'Support tickets that concern the deal.',
    close: 'Sets stage to Closed and fills closedAt and actualCloseDate with now, or with what you send.',
    win: 'Sets stage to Won, probability to 100 and the dates closedAt and actualCloseDate; sells the price you send.',
    lose: 'Sets stage to Lost and probability to 0; fills closedAt and actualCloseDate with now or what you send.',
    advance: 'Sets stage to the one you send, or the next one of the pipeline, with its probability.',
    reopen:
      'Sets stage to Prospecting, clears closedAt and actualCloseDate, and clears probability unless you send one.',
    rot: 'Sets rottingAt; called by the server after the days in dealRotting of the pipeline, else 14, without an activity.',
  },
}
