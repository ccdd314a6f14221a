// Segment: a group of contacts with something in common.

import { Noun } from '../../noun/noun.ts'
import type { EffectValue } from '../../noun/verb-effect.ts'
import { first, givenOrNow, soFar, when } from '../../verb/effect-values.ts'
import { starts } from '../../verb/transition-rows.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

/** The members of a segment that is not dynamic, and of one that is. */
const listed: EffectValue = { kind: 'length', of: soFar('members') }
const chosen: EffectValue = { kind: 'total', noun: 'Contact', filter: soFar('criteria') }
const counted: EffectValue = when('isDynamic', false, { then: listed, otherwise: first(chosen, listed) })

export const Segment = Noun(
  'Segment',
  {
    name: 'string!',
    description: 'text?',
    status: 'Active | Archived',
    criteria: 'json?',
    isDynamic: 'boolean?',
    members: 'json?',
    memberCount: 'number(0..)?',
    refreshedAt: 'datetime?',
    archivedAt: 'datetime?',
    as: 'string?',
    at: 'string?',
    are: 'string?',
    using: 'string?',
    to: 'string?',
    organization: '-> Organization.segments',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    campaigns: '<- Campaign.segment[]',
    forms: '<- Form.segment[]',
    refresh: 'Refreshed',
    archive: 'Archived',
  },
  {
    role: 'segment',
    state: 'status',
    transitions: [
      ...starts('Archived'),
      { from: ['Active'], verb: 'archive', to: 'Archived' },
      { from: ['Archived'], verb: 'update', to: 'Active' },
    ],
    states: { Archived: { sets: { archivedAt: givenOrNow('archivedAt') }, holds: ['archivedAt'] } },
    effects: {
      refresh: {
        repeats: true,
        needs: ['memberCount'],
        sets: {
          memberCount: counted,
          refreshedAt: givenOrNow('refreshedAt'),
        },
      },
    },
  },
)

export const segmentTexts: NounTexts = {
  about: 'A group of contacts with something in common.',
  descriptions: {
    name: 'Title of the segment.',
    description: 'Text about who belongs to the segment.',
    status: 'State of the segment; archive makes it Archived.',
    criteria: 'Condition for membership as JSON: a filter on Contact, or { type, filter }.',
    isDynamic: 'True if criteria decide who is a member rather than the list in members.',
    members: 'Members of a segment that is not dynamic, as a JSON list of ids.',
    memberCount: 'Number of members; refresh counts them.',
    refreshedAt: 'Time of the latest refresh; refresh sets it.',
    archivedAt: 'Time the segment was archived; archive sets it.',
    as: 'Role of the ideal customer, such as founder; as, at, are, using and to form one sentence.',
    at: 'Kind of company where the ideal customer works, such as a startup.',
    are: 'Occupation of the ideal customer, such as selling to large companies.',
    using: 'Tool that the ideal customer uses today, such as spreadsheets.',
    to: 'End that the ideal customer pursues, such as to close deals faster.',
    organization: 'Organization that the segment belongs to.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    campaigns: 'Campaigns that address the segment.',
    forms: 'Forms that are aimed at the segment.',
    refresh: 'Counts the members into memberCount: those that criteria choose, or the items of members.',
    archive: 'Sets status to Archived.',
  },
}
