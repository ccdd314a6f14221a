// PaymentFinding: something about the two sides of a payment that a person has to know or to decide: both changed a field, they
// differ, an object cannot be held here, a request was refused, a payment is disputed. One record per matter, found by its key.

import { makeNoun } from 'digital-objects'

export const PaymentFinding = makeNoun('PaymentFinding', {
  service: 'payments.do',
  fields: {
    key: 'string!##',
    kind: 'Conflict | Difference | Unknown | Unsupported | Refused | Dispute',
    status: 'Open | Resolved',
    provider: 'string?',
    object: 'string?#',
    externalId: 'string?#',
    entity: 'id?#',
    field: 'string?',
    ours: 'json? personal',
    theirs: 'json? personal',
    message: 'text! personal',
    remedy: 'text?',
    day: 'date?#',
    details: 'json?',
    resolution: 'string?',
    resolvedAt: 'datetime?',
    resolve: 'Resolved',
    reopen: 'Reopened',
  },
  state: 'status',
  transitions: [
    { from: [], verb: 'create', to: 'Open' },
    { from: ['Open'], verb: 'resolve', to: 'Resolved' },
    { from: ['Resolved'], verb: 'reopen', to: 'Open' },
  ],
  about:
    'A conflict or difference between the entities here and the objects of a payment provider, or an object that cannot be held here.',
  descriptions: {
    key: 'Name of the matter, by which it is found again.',
    kind: 'What it is: Conflict (both sides changed a field), Difference, Unknown or Unsupported object, Refused request, or Dispute.',
    status: 'Whether it is open; resolve and reopen change it.',
    provider: 'Name of the provider, such as stripe.',
    object: 'Type of the object at the provider, such as customer.',
    externalId: 'Identifier of the object at the provider.',
    entity: 'Identifier of the entity that stands for the object.',
    field: 'Field that differs.',
    ours: 'Value here.',
    theirs: 'Value at the provider.',
    message: 'What was found, as a sentence.',
    remedy: 'What would settle it, as a sentence.',
    day: 'Day whose end was compared.',
    details: 'Amounts, times and identifiers of the object.',
    resolution:
      'How a person decided a Conflict: Ours or Theirs; otherwise free text, or Fixed if it went away by itself.',
    resolvedAt: 'Time it was resolved.',
    resolve: 'Sets status to Resolved; in a Conflict, resolution says which value both sides get: Ours or Theirs.',
    reopen: 'Sets status to Open; the server calls it if the matter comes up again.',
  },
  effects: {
    resolve: { sets: { resolvedAt: { kind: 'now' } } },
    reopen: { sets: { resolvedAt: { kind: 'clear' }, resolution: { kind: 'clear' } } },
  },
})
