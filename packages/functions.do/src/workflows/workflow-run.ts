// WorkflowRun: one run of a workflow, with its progress. The run itself is an entity, so that it is durable, has a history,
// and can be read like everything else.

import { makeNoun } from 'digital-objects'

export const WorkflowRun = makeNoun('WorkflowRun', {
  fields: {
    workflow: '-> Workflow.runs',
    status: 'Running | Waiting | Succeeded | Failed',
    cause: 'Event | Call',
    event: 'string?#',
    eventType: 'string?',
    target: 'id?# personal',
    depth: 'integer(0..)?',
    input: 'json? personal',
    plan: 'json?',
    position: 'json?',
    results: 'json? personal',
    attempts: 'integer(0..)?',
    dueAt: 'datetime?#',
    startedAt: 'datetime?',
    endedAt: 'datetime?',
    error: 'string? personal',
    log: 'json? personal',
    succeed: 'Succeeded',
    fail: 'Failed',
  },
  about: 'One run of a workflow, with its progress and its outcome.',
  descriptions: {
    workflow: 'Workflow that runs.',
    status: 'State of the run; a run that is Waiting continues at dueAt.',
    cause: 'Whether an event started the run, or a call of the trigger verb.',
    event: 'Id of the event that started the run.',
    eventType: 'Type of that event, such as Deal.Won.',
    target: 'Id of the entity of that event, on which the steps work.',
    depth: 'Number of runs, one started by the other, that led to this one.',
    input: 'Input of the trigger verb.',
    plan: 'Steps and rules of the workflow as they were when the run started.',
    position: 'Next step, and the next item of a step that repeats.',
    results: 'Result of each step so far: the id of an entity, or what was read.',
    attempts: 'Attempts of the next step that have failed.',
    dueAt: 'Time at which the run continues; empty once it has ended.',
    startedAt: 'Time the run started.',
    endedAt: 'Time the run ended.',
    error: 'Reason of the latest failure.',
    log: 'Steps that were performed or failed, with their times; the latest 200.',
    succeed: 'Sets status to Succeeded and endedAt, and adds 1 to the successCount of the workflow.',
    fail: 'Sets status to Failed and endedAt, and adds 1 to the failureCount of the workflow.',
  },
  effects: {
    create: {
      related: [
        {
          kind: 'call',
          of: 'workflow',
          verb: 'trigger',
          with: {
            lastInput: {
              kind: 'object',
              members: { run: { kind: 'id' }, event: { kind: 'field', name: 'event' } },
            },
          },
          when: { field: 'cause', equals: 'Event' },
        },
      ],
    },
    succeed: {
      sets: { endedAt: { kind: 'now' }, dueAt: { kind: 'clear' } },
      related: [{ kind: 'update', of: 'workflow', sets: { successCount: { kind: 'add', amount: 1 } } }],
    },
    fail: {
      sets: { endedAt: { kind: 'now' }, dueAt: { kind: 'clear' } },
      related: [{ kind: 'update', of: 'workflow', sets: { failureCount: { kind: 'add', amount: 1 } } }],
    },
  },
})
