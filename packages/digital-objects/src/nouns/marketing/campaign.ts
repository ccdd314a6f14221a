// Campaign: a marketing effort with an audience, a budget and a period.

import { Noun } from '../../noun/noun.ts'
import type { EffectValue, EffectValues } from '../../noun/verb-effect.ts'
import { first, given, givenOrNow, ifEmpty, literal, now, soFar } from '../../verb/effect-values.ts'
import { starts, stays, updates } from '../../verb/transition-rows.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

const id: EffectValue = { kind: 'id' }
const wonStages: EffectValue = object({ $in: { kind: 'list', of: [literal('Won'), literal('Closed')] } })
/** Deals of the campaign itself, and of its leads. */
const ofCampaign: EffectValue = { kind: 'list', of: [object({ campaign: id }), object({ 'leads.campaign': id })] }

function object(members: EffectValues): EffectValue {
  return { kind: 'object', members }
}

const leads: EffectValue = { kind: 'total', noun: 'Lead', filter: object({ campaign: id }) }
const revenue: EffectValue = {
  kind: 'total',
  noun: 'Deal',
  filter: object({ stage: wonStages, $or: ofCampaign }),
  sum: 'value',
}
const gain: EffectValue = { kind: 'gain', of: soFar('actualRevenue'), over: soFar('actualCost') }
const running = ['Active', 'Launched', 'Paused'] as const

export const Campaign = Noun(
  'Campaign',
  {
    name: 'string!',
    slug: 'string?##',
    description: 'text?',
    type: 'Email | Social | Content | Event | Paid | Webinar | Referral',
    status: 'Draft | Scheduled | Active | Launched | Paused | Completed | Cancelled',
    channel: 'string?',
    startDate: 'date?',
    endDate: 'date?',
    launchedAt: 'datetime?',
    pausedAt: 'datetime?',
    completedAt: 'datetime?',
    canceledAt: 'datetime?',
    currency: 'currency?',
    budget: 'number(0..)?',
    actualCost: 'number(0..)?',
    targetLeads: 'number(0..)?',
    targetRevenue: 'number(0..)?',
    actualLeads: 'number(0..)?',
    actualRevenue: 'number(0..)?',
    roi: 'number(-100..)?',
    landingPageUrl: 'url?',
    utmSource: 'string?',
    utmMedium: 'string?',
    utmCampaign: 'string?',
    members: 'json?',
    segment: '-> Segment.campaigns',
    organization: '-> Organization.campaigns',
    owner: '-> User.ownedCampaigns | Contact.ownedCampaigns',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    leads: '<- Lead.campaign[]',
    deals: '<- Deal.campaign[]',
    activities: '<- Activity.campaign[]',
    forms: '<- Form.campaign[]',
    launch: 'Launched',
    pause: 'Paused',
    complete: 'Completed',
    measure: 'Measured',
  },
  {
    state: 'status',
    transitions: [
      ...starts('Scheduled', 'Active', 'Launched', 'Completed'),
      ...updates(['Draft', 'Scheduled'], ['Draft', 'Scheduled']),
      ...updates(['Draft', 'Scheduled', 'Paused'], ['Active']),
      { from: ['Draft', 'Scheduled', 'Active', 'Paused'], verb: 'launch', to: 'Launched' },
      { from: ['Active', 'Launched'], verb: 'pause', to: 'Paused' },
      { from: ['Active', 'Launched', 'Paused'], verb: 'complete', to: 'Completed' },
      ...updates(['Draft', 'Scheduled', 'Active', 'Launched', 'Paused'], ['Cancelled']),
      ...stays('measure', [...running, 'Completed']),
    ],
    states: {
      Active: { sets: { launchedAt: ifEmpty(now) }, holds: ['launchedAt'] },
      Launched: { sets: { launchedAt: ifEmpty(now) }, holds: ['launchedAt'] },
      Paused: { sets: { pausedAt: givenOrNow('pausedAt') }, holds: ['launchedAt', 'pausedAt'] },
      Completed: { sets: { completedAt: givenOrNow('completedAt') }, holds: ['launchedAt', 'completedAt'] },
      Cancelled: { sets: { canceledAt: givenOrNow('canceledAt') }, holds: ['launchedAt', 'canceledAt'] },
    },
    effects: {
      launch: {
        does: ['sends'],
        requires: [{ connection: 'campaigns', when: { field: 'type', equals: 'Email' }, unlessGiven: ['launchedAt'] }],
      },
      complete: {
        sets: {
          actualLeads: first(given('actualLeads'), leads),
          actualRevenue: first(given('actualRevenue'), revenue),
          roi: first(given('roi'), gain, literal(0)),
        },
      },
      // A cost that is entered after the end counts too.
      measure: { sets: { actualLeads: leads, actualRevenue: revenue, roi: first(gain, literal(0)) } },
    },
    schedules: [
      { at: 'startDate', when: { status: 'Scheduled' }, call: 'launch' },
      { at: 'launchedAt', every: 'P1D', when: { status: running }, call: 'measure' },
      { at: 'endDate', after: 'P1D', when: { status: ['Active', 'Launched'] }, call: 'complete' },
    ],
  },
)

export const campaignTexts: NounTexts = {
  about: 'A marketing effort with an audience, a budget and a period.',
  descriptions: {
    name: 'Title of the campaign.',
    slug: 'Short name for URLs, unique among campaigns.',
    description: 'Text about what the campaign is to achieve.',
    type: 'Kind of campaign.',
    status: 'State of the campaign; launch, pause and complete change it.',
    channel: 'Channel of the campaign as free text, such as newsletter.',
    startDate: 'First day of the campaign, on which the server launches it if status is Scheduled.',
    endDate: 'Last day of the campaign, after which the server completes it.',
    launchedAt: 'Time the campaign was launched; launch sets it.',
    pausedAt: 'Time the campaign was paused; pause sets it and launch clears it.',
    completedAt: 'Time the campaign was completed; complete sets it.',
    canceledAt: 'Time the campaign became Cancelled.',
    currency: 'ISO 4217 code of the amounts, such as USD.',
    budget: 'Amount planned, in major units of currency.',
    actualCost: 'Amount spent, in major units of currency.',
    targetLeads: 'Number of leads that are aimed for.',
    targetRevenue: 'Revenue that is aimed for, in major units of currency.',
    actualLeads: 'Number of leads that the campaign brought; measure and complete count them.',
    actualRevenue: 'Revenue that the campaign brought, in major units; measure and complete add up the won deals.',
    roi: 'Return in percent, (revenue - cost) / cost x 100; measure and complete compute it, 0 without a cost.',
    landingPageUrl: 'URL of the page that the campaign leads to.',
    utmSource: 'Value of utm_source in links of the campaign.',
    utmMedium: 'Value of utm_medium in links of the campaign.',
    utmCampaign: 'Value of utm_campaign in links of the campaign.',
    members: 'Members of the campaign as JSON, such as a list of contact ids.',
    segment: 'Segment that the campaign addresses.',
    organization: 'Organization that the campaign belongs to.',
    owner: 'User or contact who is responsible for the campaign.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    leads: 'Leads that the campaign brought in.',
    deals: 'Deals that the campaign led to.',
    activities: 'Activities that belong to the campaign.',
    forms: 'Forms that belong to the campaign.',
    launch: 'Sets status to Launched and launchedAt to now, or to the time you send.',
    pause: 'Sets status to Paused.',
    complete: 'Sets status to Completed, and actualLeads, actualRevenue and roi to what the leads and won deals give.',
    measure: 'Sets actualLeads, actualRevenue and roi by the leads and won deals so far; the server calls it each day.',
  },
}
