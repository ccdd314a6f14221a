// Event: something that happened outside the tenant, such as a page view; it is recorded once and never changes.

import { Noun } from '../../noun/noun.ts'
import { now, path } from '../../verb/effect-values.ts'
import { commentsText, filesText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

/** `url` is a string so that a malformed address does not lose the event. */
export const Event = Noun(
  'Event',
  {
    name: 'string?#',
    type: 'string# = track',
    timestamp: 'datetime?#',
    source: 'Browser | Node | API | Snippet | CRM | Stripe | GitHub | Agent | System',
    subject: 'string? personal',
    actor: 'string? personal',
    target: 'string? personal',
    sessionId: 'string? personal',
    userId: 'string?# personal',
    anonymousId: 'string?# personal',
    url: 'string? personal',
    path: 'string? personal',
    referrer: 'string? personal',
    data: 'json? personal',
    properties: 'json? personal',
    organization: '-> Organization.events',
    contact: '-> Contact.events personal',
    tags: 'string[]# personal',
    metadata: 'json? personal',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    update: null,
    delete: null,
  },
  {
    role: 'event',
    // One exposure of a unit to an experiment, whoever reports it.
    indexes: [{ path: 'properties.exposure', unique: true }],
    fills: { name: path('type'), timestamp: now },
  },
)

export const eventTexts: NounTexts = {
  about: 'Something that happened outside the tenant, such as a page view; it is recorded once and never changes.',
  descriptions: {
    name: 'Name of what happened, such as signup_completed; the type if you send none.',
    type: 'Kind of event, such as track.',
    timestamp: 'Time it happened; now if you send none.',
    source: 'System that reported the event.',
    subject: 'Thing that the event is about, as text.',
    actor: 'Identifier of who acted.',
    target: 'Identifier of what was acted on.',
    sessionId: 'Identifier of the visit during which it happened.',
    userId: 'Identifier of the known person at your application.',
    anonymousId: 'Identifier of a visitor who is not known yet.',
    url: 'Address of the page, stored as text so that a malformed one is kept too.',
    path: 'Path of the page, such as /pricing.',
    referrer: 'Address of the page that the visitor came from.',
    data: 'Payload of the event as JSON.',
    properties: 'Properties of the event as JSON, such as { plan: "pro" }.',
    organization: 'Organization that the event concerns.',
    contact: 'Contact that the event concerns.',
    tags: tagsText,
    metadata: 'Data of your own as JSON.',
    comments: commentsText,
    files: filesText,
  },
}
