// Deal: a possible sale with its value, its stage and its expected close.

import { Noun } from '../../noun/noun.ts'
import { clear, first, given, literal, now, today } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

/** Sets both close dates from whichever one the caller sends. */
const closing = {
  closedAt: first(given('closedAt'), given('actualCloseDate'), now),
  actualCloseDate: first(given('actualCloseDate'), given('closedAt'), today),
}
const openStages = ['Prospecting', 'Qualification', 'Proposal', 'Negotiation']

export const Deal = Noun(
  'Deal',
  {
    name: 'string!',
    description: 'text?',
    value: 'number!',
    currency: 'string?',
    recurringValue: 'number?',
    recurringInterval: 'Monthly | Quarterly | Yearly',
    stage: 'Prospecting | Qualification | Proposal | Negotiation | Closed | Won | Lost',
    probability: 'number?',
    expectedCloseDate: 'date?',
    actualCloseDate: 'date?',
    closedAt: 'datetime?',
    wonAmount: 'number?',
    wonReason: 'text?',
    lostReason: 'text?',
    nextStep: 'text?',
    competitorNotes: 'text?',
    source: 'string?',
    externalId: 'string?##',
    lastActivityAt: 'datetime?',
    organization: '-> Organization.deals',
    contact: '-> Contact.deals',
    owner: '-> User.ownedDeals | Contact.ownedDeals',
    campaign: '-> Campaign.deals',
    pipeline: '-> Pipeline.deals',
    product: '-> Product.deals',
    metadata: 'json?',
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
  },
  {
    effects: {
      close: { from: { field: 'stage', values: openStages, hard: false }, sets: closing },
      win: { sets: { probability: literal(100), ...closing } },
      lose: { sets: { probability: literal(0), ...closing } },
      advance: {
        from: { field: 'stage', values: openStages, hard: false },
        sets: { stage: first(given('stage'), { kind: 'next', values: openStages }) },
      },
      reopen: {
        from: { field: 'stage', values: ['Closed', 'Won', 'Lost'], hard: false },
        // The probability set by win or lose is wrong once the deal is open again.
        sets: {
          stage: literal('Prospecting'),
          probability: first(given('probability'), clear),
          actualCloseDate: clear,
          closedAt: clear,
        },
      },
    },
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
    wonAmount: 'Amount that was finally agreed, in major units of currency.',
    wonReason: 'Reason the deal was won.',
    lostReason: 'Reason the deal was lost.',
    nextStep: 'Next thing to do for the deal.',
    competitorNotes: 'Notes on competing offers.',
    source: 'Channel that the deal came from, such as referral.',
    externalId: 'Identifier of the deal in another system, unique among deals.',
    lastActivityAt: 'Time of the last completed or logged activity on the deal.',
    organization: 'Organization that buys.',
    contact: 'Contact with whom the deal is negotiated.',
    owner: 'User or contact who is responsible for the deal.',
    campaign: 'Campaign that led to the deal.',
    pipeline: 'Pipeline that the deal moves through.',
    product: 'Product that is being sold.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    leads: 'Leads that became this deal.',
    activities: 'Activities that concern the deal.',
    tickets: 'Support tickets that concern the deal.',
    close: 'Sets stage to Closed and fills closedAt and actualCloseDate with now, or with what you send.',
    win: 'Sets stage to Won and probability to 100; fills closedAt and actualCloseDate with now or what you send.',
    lose: 'Sets stage to Lost and probability to 0; fills closedAt and actualCloseDate with now or what you send.',
    advance: 'Moves an open stage one step towards Negotiation, or sets the stage you send.',
    reopen:
      'Sets stage to Prospecting, clears closedAt and actualCloseDate, and clears probability unless you send one.',
  },
}
