// Lead: a sign of interest in buying that has not become a deal yet.

import { Noun } from '../../noun/noun.ts'
import { after, first, given, givenOrNow, literal, path } from '../../verb/effect-values.ts'
import { starts, updates } from '../../verb/transition-rows.ts'
import type { RelatedEffect } from '../../noun/verb-effect.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

/**
 * Links the contact, organization and deal of the lead: those that it names, else those that its email leads to, else new
 * ones. A lead without a company gets no organization of its own.
 */
const conversion: readonly RelatedEffect[] = [
  {
    kind: 'find',
    noun: 'Contact',
    by: { email: after('email') },
    as: 'contact',
    when: { field: 'contact', has: false },
  },
  {
    kind: 'update',
    of: '$self',
    sets: { organization: path('contact.organization') },
    when: { field: 'organization', has: false },
  },
  {
    kind: 'create',
    noun: 'Organization',
    sets: { name: after('company'), source: after('source') },
    as: 'organization',
    when: [
      { field: 'organization', has: false },
      { field: 'company', has: true },
    ],
  },
  {
    kind: 'create',
    noun: 'Contact',
    sets: {
      name: after('name'),
      email: after('email'),
      source: after('source'),
      organization: after('organization'),
    },
    as: 'contact',
    when: { field: 'contact', has: false },
  },
  {
    kind: 'update',
    of: 'contact',
    sets: { organization: after('organization') },
    where: { field: 'organization', has: false },
    when: { field: 'organization', has: true },
  },
  { kind: 'call', of: 'contact', verb: 'qualify', where: { field: 'stage', equals: 'Lead' } },
  {
    kind: 'create',
    noun: 'Deal',
    sets: {
      name: first(given('dealName'), after('company'), after('name')),
      value: first(given('value'), after('budget'), literal(0)),
      contact: after('contact'),
      organization: after('organization'),
      owner: after('owner'),
      campaign: after('campaign'),
      pipeline: given('pipeline'),
      source: after('source'),
    },
    as: 'deal',
    when: [
      { field: 'deal', has: false },
      { argument: 'createDeal', not: false },
    ],
  },
]

const open = ['New', 'Contacted', 'Qualified'] as const

export const Lead = Noun(
  'Lead',
  {
    name: 'string! personal',
    email: 'email?# personal',
    company: 'text? personal',
    source: 'string!',
    sourceDetail: 'string? personal',
    status: 'New | Contacted | Qualified | Converted | Lost',
    score: 'number?',
    budget: 'number(0..)?',
    authority: 'text? personal',
    need: 'text? personal',
    timeline: 'text? personal',
    lostReason: 'text?',
    firstTouchAt: 'datetime?',
    lastActivityAt: 'datetime?',
    contactedAt: 'datetime?',
    qualifiedAt: 'datetime?',
    convertedAt: 'datetime?',
    lostAt: 'datetime?',
    contact: '-> Contact.leads personal',
    organization: '-> Organization.leads',
    owner: '-> User.ownedLeads | Contact.ownedLeads',
    campaign: '-> Campaign.leads',
    deal: '-> Deal.leads',
    tags: 'string[]# personal',
    metadata: 'json? personal',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    convert: 'Converted',
    lose: 'Lost',
  },
  {
    state: 'status',
    transitions: [
      ...starts('Contacted', 'Qualified', 'Lost'),
      ...updates([...open, 'Lost'], open),
      { from: open, verb: 'convert', to: 'Converted' },
      { from: open, verb: 'lose', to: 'Lost' },
    ],
    states: {
      Contacted: { sets: { contactedAt: givenOrNow('contactedAt') } },
      Qualified: { sets: { qualifiedAt: givenOrNow('qualifiedAt') }, holds: ['qualifiedAt'] },
      Converted: { sets: { convertedAt: givenOrNow('convertedAt') }, holds: ['convertedAt', 'qualifiedAt'] },
      Lost: { sets: { lostAt: givenOrNow('lostAt') }, holds: ['lostAt', 'lostReason', 'qualifiedAt'] },
    },
    categories: { New: 'open', Contacted: 'open', Qualified: 'open', Converted: 'won', Lost: 'lost' },
    effects: {
      convert: {
        argumentsOnly: ['createDeal', 'dealName', 'value', 'pipeline'],
        argumentTypes: { createDeal: 'boolean', dealName: 'string', value: 'number(0..)', pipeline: 'id' },
        related: conversion,
      },
    },
  },
)

export const leadTexts: NounTexts = {
  about: 'A sign of interest in buying that has not become a deal yet.',
  descriptions: {
    name: 'Name of the person or of the opportunity.',
    email: 'Email address of the person who is interested.',
    company: 'Name of the company the person works for, as text.',
    source: 'Channel that the lead came from, such as web or referral.',
    sourceDetail: 'Details of the source, such as the page or the referrer.',
    status: 'State of the lead; convert and lose change it.',
    score: 'Likelihood of a purchase, on a scale of your own.',
    budget: 'Amount the person can spend, in major currency units.',
    authority: 'Power of the person to decide on the purchase.',
    need: 'Problem that the person wants to solve.',
    timeline: 'Period in which the person wants to buy.',
    lostReason: 'Reason the lead was lost.',
    firstTouchAt: 'Time of the first contact with the person.',
    lastActivityAt: 'Time of the latest activity with the person, as you record it.',
    contactedAt: 'Time the lead last became Contacted.',
    qualifiedAt: 'Time the lead became Qualified.',
    convertedAt: 'Time the lead was converted; convert sets it.',
    lostAt: 'Time the lead was lost; lose sets it.',
    contact: 'Contact who is interested.',
    organization: 'Organization that the interest comes from.',
    owner: 'User or contact who is responsible for the lead.',
    campaign: 'Campaign that brought the lead in.',
    deal: 'Deal that the lead became.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    convert: 'Sets status to Converted and convertedAt; links or creates the contact, the organization and the deal.',
    lose: 'Sets status to Lost and lostAt to now, or to the time you send.',
  },
}
