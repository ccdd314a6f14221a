// `perform`: the write for custom verbs of a Noun, such as `qualify`.

import type { DecideContext } from '@dotdo/do'
import {
  applyVerb,
  isVerbDone,
  type EntityFields,
  type JsonValue,
  nearestName,
  type NounSchema,
  ObjectError,
  validateCreate,
  validateUpdate,
  type Verb,
} from 'digital-objects'
import { acceptedFields } from '../entities/accepted-fields.ts'
import { refNoun, writeResponses } from '../openapi/components.ts'
import type { EntityCall } from './entity-call.ts'
import { defineEntityWrite, type Resolved } from './entity-write.ts'
import type { Body } from './parse-body.ts'

const creatingPath = '/{Noun}/{verb}'

export const perform = defineEntityWrite({
  name: 'perform',
  about: '{verb} a {Noun}: emits {Noun}.{event}',
  routes: [
    { methods: ['POST'], path: '/{Noun}/{id}/{verb}' },
    { methods: ['POST'], path: creatingPath },
  ],
  isOffered: ({ verb, path }) => path !== creatingPath || verb?.effect.creates === true,
  body: { isRequired: false, schema: ({ noun, input }) => refNoun(noun, input) },
  responses: ({ noun, path }) => writeResponses(noun, path === creatingPath ? 201 : 200),

  resolve: (_, given) => resolveVerb(given),
  checkBody({ call, schema, body }) {
    const verb = Object.hasOwn(schema.verbs, call.verb) ? schema.verbs[call.verb] : undefined
    if (verb !== undefined) verbInput(schema, verb, body)
  },
})

function resolveVerb({ call, schema, body }: EntityCall): Resolved {
  const verb = Object.hasOwn(schema.verbs, call.verb) ? schema.verbs[call.verb] : undefined
  if (verb === undefined || verb.category === 'crud') throw unknownVerb(schema, call.verb)
  const isCreation = call.id === undefined && verb.effect.creates === true
  const decide = ({ current, nowMs }: DecideContext): EntityFields | undefined => {
    const input = verbInput(schema, verb, body)
    const base = isCreation ? undefined : current
    const verbCall = { schema, verb, current: base, input, nowMs }
    if (isVerbDone(verbCall)) return undefined
    const fields = applyVerb(verbCall)
    // An entity created by a verb must be as valid as any new entity.
    return isCreation ? acceptedFields(validateCreate(schema, fields), `${schema.name}.${verb.name}`) : fields
  }
  return { verb, kind: isCreation ? 'create' : 'change', decide }
}

/** Returns the caller's arguments. Validates those that are fields, and passes the verb's own arguments unchanged. */
function verbInput(schema: NounSchema, verb: Verb, body: Body): Record<string, JsonValue> {
  const { argumentAliases = {}, argumentsOnly = [] } = verb.effect
  const own: Record<string, JsonValue> = {}
  const ofFields: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(body)) {
    if (argumentsOnly.includes(name)) own[name] = value
    else ofFields[Object.hasOwn(argumentAliases, name) ? (argumentAliases[name] as string) : name] = value
  }
  return { ...acceptedFields(validateUpdate(schema, ofFields), `${schema.name}.${verb.name}`), ...own }
}

function unknownVerb(schema: NounSchema, name: string): ObjectError {
  const verbs = Object.values(schema.verbs)
  const names = verbs.filter(({ category }) => category === 'custom').map((verb) => verb.name)
  const conjugated = verbs.find((verb) => [verb.gerund, verb.past, verb.by, verb.event].includes(name))
  const nearest = conjugated?.name ?? nearestName(name, names)
  const hint = nearest === undefined ? `its verbs are ${names.join(', ') || 'none'}` : `did you mean '${nearest}'?`
  return new ObjectError({
    code: 'unknown_verb',
    field: 'verb',
    message: `${schema.name} has no verb '${name.slice(0, 64)}'; ${hint}`,
  })
}
