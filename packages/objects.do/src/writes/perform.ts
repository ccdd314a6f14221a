// `perform`: the write for custom verbs of a Noun, such as `qualify`.

import type { DecideContext } from '@dotdo/do'
import {
  decideChange,
  type EntityFields,
  nearestName,
  type NounSchema,
  ObjectError,
  verbArguments,
} from 'digital-objects'
import { refNoun, writeResponses } from '../openapi/components.ts'
import type { EntityCall } from './entity-call.ts'
import { defineEntityWrite, type Resolved } from './entity-write.ts'

const creatingPath = '/{Noun}/{verb}'

export const perform = defineEntityWrite({
  name: 'perform',
  about: '{verb} a {Noun}: emits {Noun}.{event}',
  routes: [
    { methods: ['POST'], path: '/{Noun}/{id}/{verb}' },
    { methods: ['POST'], path: creatingPath },
  ],
  isOffered: ({ verb, path }) =>
    verb?.effect.systemOnly !== true && (path !== creatingPath || verb?.effect.creates === true),
  body: { isRequired: false, schema: ({ noun, input }) => refNoun(noun, input) },
  responses: ({ noun, path }) => writeResponses(noun, path === creatingPath ? 201 : 200),

  takesAnalysis: true,
  resolve: (_, given) => resolveVerb(given),
  checkBody({ call, schema, body }) {
    const verb = Object.hasOwn(schema.verbs, call.verb) ? schema.verbs[call.verb] : undefined
    if (verb !== undefined) verbArguments(schema, verb, body)
  },
})

function resolveVerb({ call, schema, body }: EntityCall): Resolved {
  const verb = Object.hasOwn(schema.verbs, call.verb) ? schema.verbs[call.verb] : undefined
  if (verb === undefined || verb.category === 'crud') throw unknownVerb(schema, call.verb)
  if (verb.effect.systemOnly === true) throw onlyBySystem(schema, verb.name)
  const isCreation = call.id === undefined && verb.effect.creates === true
  const decide = ({ current, ...context }: DecideContext): EntityFields | undefined =>
    decideChange({ ...context, schema, verb, input: body, current: isCreation ? undefined : current })
  return { verb, kind: isCreation ? 'create' : 'change', decide }
}

function onlyBySystem({ name }: NounSchema, verb: string): ObjectError {
  return new ObjectError({
    code: 'forbidden',
    field: 'verb',
    message: `${name}.${verb} is called only by the server, when its time comes or as an effect of another verb`,
  })
}

function unknownVerb(schema: NounSchema, name: string): ObjectError {
  const verbs = Object.values(schema.verbs)
  const offered = verbs.filter(({ category, effect }) => category === 'custom' && effect.systemOnly !== true)
  const names = offered.map((verb) => verb.name)
  const conjugated = verbs.find((verb) => [verb.gerund, verb.past, verb.by, verb.event].includes(name))
  const nearest = conjugated?.name ?? nearestName(name, names)
  const hint = nearest === undefined ? `its verbs are ${names.join(', ') || 'none'}` : `did you mean '${nearest}'?`
  return new ObjectError({
    code: 'unknown_verb',
    field: 'verb',
    message: `${schema.name} has no verb '${name.slice(0, 64)}'; ${hint}`,
  })
}
