// The parameters that name the person or visitor for whom a flag is evaluated.

import type { ParametersAbout } from '../openapi/parameter.ts'

const string = { type: 'string', minLength: 1, maxLength: 200 } as const

export const subjectParameters = {
  contact: {
    component: 'subjectContact',
    about: 'The id of the entity that the person is, such as a contact',
    schema: string,
  },
  userId: { component: 'subjectUserId', about: 'The identifier of the person in your application', schema: string },
  anonymousId: {
    component: 'subjectAnonymousId',
    about: 'The identifier of a visitor who is not known',
    schema: string,
  },
  properties: {
    component: 'subjectProperties',
    about: 'What your application knows of the person, as a JSON object such as {"plan":"pro"}',
    schema: { type: 'string', contentMediaType: 'application/json' },
  },
} as const satisfies ParametersAbout
