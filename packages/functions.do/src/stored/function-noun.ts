// Function: code that a tenant has stored, with the writes, events or times at which it runs. It is an entity, so that it has
// versions, a history and an undo, and its rights are those of any entity. Its runs are in a table of their own.

import { makeNoun } from 'digital-objects'

export const FunctionNoun = makeNoun('Function', {
  fields: {
    name: 'string!##',
    description: 'text?',
    on: 'string?',
    schedule: 'string?',
    hosts: 'string[]',
    secrets: 'string[]',
    source: 'string!',
    code: 'string?',
    hash: 'string?',
    status: 'Enabled | Disabled',
    reason: 'string?',
    enable: 'Enabled',
    replayedAt: 'datetime?',
    disable: 'Disabled',
    replay: 'Replayed',
  },
  state: 'status',
  transitions: [
    { from: [], verb: 'create', to: 'Enabled' },
    { from: [], verb: 'create', to: 'Disabled' },
    { from: ['Enabled'], verb: 'disable', to: 'Disabled' },
    { from: ['Disabled'], verb: 'enable', to: 'Enabled' },
    { from: ['Enabled'], verb: 'replay', to: 'Enabled' },
  ],
  about: 'Code that the tenant has stored, and what makes it run.',
  descriptions: {
    name: 'Name of the function: lower-case letters, digits and hyphens.',
    description: 'Text about what the function does.',
    on: 'What makes it run: Contact.qualifying before a verb, Contact.qualified after it, or events such as Deal.*; empty for a function that is called by its name.',
    schedule: 'Times at which it runs as cron of five fields, in UTC: 0 9 * * 1.',
    hosts: 'Servers to which it may send requests: api.example.com, or http://10.0.0.5:8080 for one without https.',
    secrets: 'Names of secrets of the tenant that it may send to these hosts, as $.secrets.name.',
    source: 'Source of one function in TypeScript or JavaScript.',
    code: 'JavaScript that the server made of a source with types; empty if the source is JavaScript.',
    hash: 'SHA-256 of the source, in hexadecimal digits.',
    status: 'Whether it runs; enable and disable change it.',
    reason: 'Reason for which it was disabled.',
    replayedAt: 'Time of the latest replay; replay sets it.',
    enable: 'Sets status to Enabled and clears reason; events that were parked run.',
    disable: 'Sets status to Disabled, and reason to the reason you send.',
    replay: 'Sets replayedAt; events that failed too often and were parked run again.',
  },
  effects: {
    enable: { sets: { reason: { kind: 'clear' } } },
    replay: { sets: { replayedAt: { kind: 'now' } } },
  },
})
