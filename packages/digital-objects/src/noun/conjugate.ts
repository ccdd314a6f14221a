// The forms of a verb, for the runtime and the types from one table: `qualify` (the command), `qualifying` (before it),
// `qualified` (after it), `qualifiedBy` (its actor). The past form comes from the declared event.

/** Gerunds that the rules below get wrong: doubled consonants, phrasal verbs, and consonants that must not double. */
export const irregularGerunds = {
  win: 'winning',
  cancel: 'cancelling',
  rollout: 'rollingOut',
  submit: 'submitting',
  stop: 'stopping',
  log: 'logging',
  snapshot: 'snapshotting',
  reset: 'resetting',
  begin: 'beginning',
  ban: 'banning',
  drop: 'dropping',
  flag: 'flagging',
  get: 'getting',
  put: 'putting',
  run: 'running',
  set: 'setting',
  ship: 'shipping',
  plan: 'planning',
  pin: 'pinning',
  tag: 'tagging',
} as const

/** Past forms that the rules below get wrong. */
export const irregularPasts = {
  lose: 'lost',
  win: 'won',
  pay: 'paid',
  send: 'sent',
  read: 'read',
  reset: 'reset',
  do: 'done',
  cancel: 'cancelled',
  rollout: 'rolledOut',
  submit: 'submitted',
  stop: 'stopped',
  log: 'logged',
  snapshot: 'snapshotted',
  begin: 'begun',
  get: 'got',
  put: 'put',
  run: 'run',
  set: 'set',
  ship: 'shipped',
  plan: 'planned',
  pin: 'pinned',
  tag: 'tagged',
  ban: 'banned',
  drop: 'dropped',
  flag: 'flagged',
} as const

export interface Conjugation {
  readonly verb: string
  readonly gerund: string
  readonly past: string
  readonly by: string
  readonly event: string
}

/** `conjugate('qualify').event === 'Qualified'`. A declared event sets the past form: `conjugate('rollout', 'RolledOut')`. */
export function conjugate(verb: string, declaredEvent?: string): Conjugation {
  const past = declaredEvent === undefined ? pastOf(verb) : uncapitalize(declaredEvent)
  return { verb, gerund: gerundOf(verb), past, by: `${past}By`, event: declaredEvent ?? capitalize(past) }
}

function gerundOf(verb: string): string {
  const irregular = lookUp(irregularGerunds, verb)
  if (irregular !== undefined) return irregular
  if (verb.endsWith('ie')) return `${verb.slice(0, -2)}ying`
  if (verb.endsWith('e') && !verb.endsWith('ee')) return `${verb.slice(0, -1)}ing`
  return `${verb}ing`
}

function pastOf(verb: string): string {
  const irregular = lookUp(irregularPasts, verb)
  if (irregular !== undefined) return irregular
  if (verb.endsWith('e')) return `${verb}d`
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ied`
  return `${verb}ed`
}

function lookUp(table: Readonly<Record<string, string>>, verb: string): string | undefined {
  return Object.hasOwn(table, verb) ? table[verb] : undefined
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function uncapitalize(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

/** `'qualify'` -> `'qualifying'`. */
export type Gerund<Verb extends string> = Verb extends keyof typeof irregularGerunds
  ? (typeof irregularGerunds)[Verb]
  : Verb extends `${infer Stem}ie`
    ? `${Stem}ying`
    : Verb extends `${string}ee`
      ? `${Verb}ing`
      : Verb extends `${infer Stem}e`
        ? `${Stem}ing`
        : `${Verb}ing`

/** `'RolledOut'` -> `'rolledOut'`: the past form comes from the declared event. */
export type Past<Event extends string> = Uncapitalize<Event>
