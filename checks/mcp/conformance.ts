// Results of the conformance suite for a server that is no fixture: scenarios that are about every server, and those that do not
// apply, with the reason.

export interface ScenarioOutcome {
  readonly name: string
  readonly hasPassed: boolean
}

const passing = [
  'server-initialize',
  'ping',
  'tools-list',
  'resources-list',
  'server-sse-multiple-streams',
  'dns-rebinding-protection',
]

/** Names, or their beginnings with a star. The first that fits counts. */
const inapplicable: readonly (readonly [name: string, reason: string])[] = [
  ['tools-call-sampling', 'asks the client within a session'],
  ['tools-call-elicitation', 'asks the client within a session'],
  ['elicitation-*', 'asks the client within a session'],
  ['tools-call-*', 'calls tools of a fixture by name'],
  ['resources-read-*', 'reads resources of a fixture by name'],
  ['resources-templates-read', 'reads resources of a fixture by name'],
  ['resources-subscribe', 'nothing is kept between requests'],
  ['resources-unsubscribe', 'nothing is kept between requests'],
  ['prompts-*', 'asks for prompts of a fixture'],
  ['logging-set-level', 'the interface offers no logs'],
  ['completion-complete', 'the interface offers no completions'],
]

/** A scenario that is new, or that passes although it does not apply, is a fault too: the list would be out of date. */
export function scenarioFaults(outcomes: readonly ScenarioOutcome[]): readonly string[] {
  const missing = passing.filter((name) => !outcomes.some((outcome) => outcome.name === name))
  return [
    ...missing.map((name) => `conformance: ${name} did not run`),
    ...outcomes.flatMap(({ name, hasPassed }) => {
      if (passing.includes(name)) return hasPassed ? [] : [`conformance: ${name} failed`]
      const reason = inapplicable.find(([known]) => fits(name, known))?.[1]
      if (reason === undefined) return [`conformance: ${name} is not known`]
      return hasPassed ? [`conformance: ${name} passed, although it ${reason}`] : []
    }),
  ]
}

function fits(name: string, known: string): boolean {
  return known.endsWith('*') ? name.startsWith(known.slice(0, -1)) : name === known
}
