// German names that one type has for itself, because the word of the others would be wrong there.

import type { Words } from './names.ts'

export const ownWordsDe: Words = {
  'Activity.canceledAt': 'Abgesagt am',
  'Activity.event.Cancelled': 'abgesagt',
  'Activity.value.Cancelled': 'Abgesagt',
  'Activity.verb.cancel': 'absagen',
  'Agent.value.Private': 'Nur Zuständige',
  'Campaign.value.Paid': 'Bezahlte Werbung',
  'Comment.event.Resolved': 'erledigt',
  'Comment.resolvedAt': 'Erledigt am',
  'Comment.verb.resolve': 'erledigen',
  'Contact.capturedAt': 'Erfasst am',
  'Contact.event.Captured': 'erfasst',
  'Contact.verb.capture': 'erfassen',
  'Deal.actualCloseDate': 'Tag des Abschlusses',
  'Deal.closedAt': 'Abgeschlossen am',
  'Deal.event.Closed': 'abgeschlossen',
  'Deal.value.Closed': 'Abgeschlossen',
  'Deal.verb.close': 'abschließen',
  'Function.on': 'Läuft bei',
  'Segment.are': 'Tätigkeit',
  'Segment.as': 'Rolle',
  'Segment.at': 'Art des Unternehmens',
  'Segment.to': 'Anliegen',
  'Segment.using': 'Heutiges Werkzeug',
  'Subscription.canceledAt': 'Gekündigt am',
  'Subscription.event.Cancelled': 'gekündigt',
  'Subscription.value.Cancelled': 'Gekündigt',
  'Subscription.verb.cancel': 'kündigen',
}
