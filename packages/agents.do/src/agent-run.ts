// AgentRun: one task of an agent, from the call or event that gave it to the answer. It is an entity, so that it is durable, has a
// history, and can be read like everything else.

import { makeNoun } from 'digital-objects'

/** Texts of an agent that has read those of strangers are theirs too. */
const misled = { origin: 'program', when: { field: 'hasReadStrangers', equals: true } } as const
const used = ['newTokens', 'newCost']

/** The counters of the agent grow with each answer of the model, in the same commit. */
const counted = [
  {
    kind: 'update',
    of: 'agent',
    sets: {
      totalTokens: {
        kind: 'sum',
        of: [
          { kind: 'path', path: 'agent.totalTokens' },
          { kind: 'argument', name: 'newTokens' },
        ],
      },
      totalCost: {
        kind: 'sum',
        of: [
          { kind: 'path', path: 'agent.totalCost' },
          { kind: 'argument', name: 'newCost' },
        ],
      },
    },
    when: { argument: 'newTokens', has: true },
  },
] as const

const progress = {
  repeats: true,
  strangers: misled,
  argumentsOnly: used,
  argumentTypes: { newTokens: 'integer(0..)', newCost: 'number(0..)' },
  related: counted,
} as const

export const AgentRun = makeNoun('AgentRun', {
  fields: {
    agent: '-> Agent.runs',
    status: 'Running | Waiting | Succeeded | Failed',
    verb: 'string?',
    event: 'string?#',
    eventType: 'string?',
    askedBy: 'string?#',
    askedWith: 'string?',
    actsFor: 'string?#',
    target: 'id?# personal',
    input: 'json? personal',
    answer: 'text? personal',
    proposals: 'json? personal',
    error: 'string? personal',
    messages: 'json? personal',
    hasReadStrangers: 'boolean?',
    model: 'string?',
    rounds: 'integer(0..)?',
    tokens: 'integer(0..)?',
    cost: 'number(0..)?',
    latencyMs: 'number(0..)?',
    attempts: 'integer(0..)?',
    dueAt: 'datetime?#',
    startedAt: 'datetime?',
    endedAt: 'datetime?',
    advance: 'Advanced',
    wait: 'Waited',
    resume: 'Resumed',
    succeed: 'Succeeded',
    fail: 'Failed',
  },
  state: 'status',
  transitions: [
    { from: [], verb: 'create', to: 'Running' },
    { from: [], verb: 'create', to: 'Failed' },
    { from: ['Running'], verb: 'advance', to: 'Running' },
    { from: ['Running'], verb: 'wait', to: 'Waiting' },
    { from: ['Waiting'], verb: 'resume', to: 'Running' },
    { from: ['Running'], verb: 'succeed', to: 'Succeeded' },
    { from: ['Running', 'Waiting'], verb: 'fail', to: 'Failed' },
  ],
  about: 'One task of an agent, with its conversation, its cost and its answer.',
  descriptions: {
    agent: 'Agent that works on the task.',
    status:
      'State of the run: one that is Running continues at dueAt, and one that is Waiting once people have decided about its proposals.',
    verb: 'Verb of the agent that gave the task; empty for a task that an event gave.',
    event: 'Id of the event that gave the task.',
    eventType: 'Type of that event, such as Ticket.Created.',
    askedBy:
      'Who gave the task by a verb; the run may do no more than this caller may. Empty for a task that an event gave.',
    askedWith: 'Key with which the task was given, if there was one.',
    actsFor: 'Owner of the agent when the run started, on whose behalf it acts.',
    target: 'Id of the entity of that event, for a task that an event gave.',
    input: 'Arguments of the verb, or the task of the trigger.',
    answer: 'Answer of the agent; of decide, the option that it chose.',
    proposals:
      'Writes that wait for a person, with their approvals and what was decided, and those that a manual agent recommends.',
    error: 'Reason of the latest failure.',
    messages: 'Conversation with the model so far, without the instructions.',
    hasReadStrangers: 'Whether the agent had read texts of strangers.',
    model: 'Name of the model that answered.',
    rounds: 'Answers of the model so far.',
    tokens: 'Tokens that the run has used.',
    cost: 'Cost of those tokens, by the prices of the setting model.',
    latencyMs: 'Average time of an answer of the model, in milliseconds.',
    attempts: 'Attempts of the next answer that have failed.',
    dueAt: 'Time at which the run continues, at the latest if it is Waiting; empty once it has ended.',
    startedAt: 'Time the run started.',
    endedAt: 'Time the run ended.',
    advance: 'Stores the progress of the run, as the server does.',
    wait: 'Sets status to Waiting until people have decided, as the server does.',
    resume: 'Sets status to Running with what people have decided, as the server does.',
    succeed: 'Sets status to Succeeded with the answer, as the server does.',
    fail: 'Sets status to Failed with the error, as the server does.',
  },
  effects: {
    advance: progress,
    wait: progress,
    resume: progress,
    succeed: { ...progress, sets: { endedAt: { kind: 'now' }, dueAt: { kind: 'clear' } } },
    fail: { ...progress, sets: { endedAt: { kind: 'now' }, dueAt: { kind: 'clear' } } },
  },
})
