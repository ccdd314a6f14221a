// Four Nouns of a tenant, reduced to one field per storage class, with every kind of relation.

import { Noun, type NounLookup, type NounSchema } from 'digital-objects'

export const kinds = ['Organization', 'Contact', 'Deal', 'Activity'] as const
export type Kind = (typeof kinds)[number]

export const schemas: Readonly<Record<Kind, NounSchema>> = {
  Organization: Noun(
    'Organization',
    {
      name: 'string!',
      industry: 'string?',
      employeeCount: 'number?#',
      metadata: 'json?',
      contacts: '<- Contact.organization[]',
      deals: '<- Deal.organization[]',
      owned: '<- Deal.owner[]',
    },
    { indexes: [{ path: 'metadata.a' }] },
  ).$schema,
  Contact: Noun(
    'Contact',
    {
      name: 'string!',
      title: 'string?#',
      leadScore: 'number?',
      lastEngagement: 'datetime?#',
      stage: 'Lead | Qualified | Customer',
      organization: '-> Organization.contacts',
      manager: '-> Contact.reports',
      metadata: 'json?',
      tags: 'string[]#',
      scores: 'number[]',
      friends: '-> Contact.friendOf[]',
      friendOf: '<- Contact.friends[]',
      reports: '<- Contact.manager[]',
      deals: '<- Deal.contact[]',
      activities: '<- Activity.contact[]',
    },
    { indexes: [{ path: 'metadata.a' }, { path: 'metadata.a.b' }, { path: 'metadata.x-y' }] },
  ).$schema,
  Deal: Noun('Deal', {
    name: 'string!',
    value: 'number!',
    expectedCloseDate: 'date?#',
    closedAt: 'datetime?',
    organization: '-> Organization.deals',
    contact: '-> Contact.deals',
    owner: '-> Organization | Contact',
    activities: '<- Activity.deal[]',
  }).$schema,
  Activity: Noun('Activity', {
    subject: 'string!',
    allDay: 'boolean?',
    day: 'date?',
    contact: '-> Contact.activities',
    deal: '-> Deal.activities',
  }).$schema,
}

export const lookup: NounLookup = (name) => kinds.filter((kind) => kind === name).map((kind) => schemas[kind])[0]

/** Returns the id of the n-th entity of a Noun. Consecutive entities have ids that are far apart. */
export function nthId(kind: Kind, n: number): string {
  return `${kind.toLowerCase()}_${String((n * 37) % 100).padStart(6, '0')}${String(n).padStart(6, '0')}`
}
