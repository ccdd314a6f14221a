import { expect, test } from 'vitest'
import { Noun } from '../noun/noun.ts'
import { parsePath } from './parse-path.ts'

const { $schema: Deal } = Noun('Deal', {
  value: 'money',
  currency: 'string',
  tags: 'string[]',
  extra: 'json',
  owner: '-> User',
  partner: '-> User | Team',
  watchers: '-> User.watched[]',
})
const { $schema: User } = Noun('User', { name: 'string', deals: '<- Deal.owner[]', watched: '<- Deal.watchers[]' })
const { $schema: Team } = Noun('Team', { name: 'string', size: 'number' })
const lookup = (name: string) => [Deal, User, Team].find((noun) => noun.name === name)

/** `User by owner > name:text.key` */
function shown(text: string): string[] {
  return parsePath(text, { schema: Deal, lookup }).map(({ steps, field, storage, keys }) =>
    [...steps.map((step) => `${step.to} by ${step.field.name}`), [`${field}:${storage}`, ...keys].join('.')].join(
      ' > ',
    ),
  )
}

test.each([
  ['value', ['value:real']],
  ['tags', ['tags:text[]']],
  ['$createdAt', ['$createdAt:time']],
  ['extra', ['extra:json']],
  ['extra.a.b-c', ['extra:json.a.b-c']],
  ['owner', ['owner:text']],
  ['owner.name', ['User by owner > name:text']],
  ['owner.$id', ['User by owner > $id:text']],
  ['owner.deals', ['User by owner > Deal by deals > $id:text']],
  ['watchers', ['watchers:text[]']],
  ['watchers.name', ['User by watchers > name:text']],
  ['watchers.watched.tags', ['User by watchers > Deal by watched > tags:text[]']],
  ['partner.name', ['User by partner > name:text', 'Team by partner > name:text']],
  ['partner.size', ['Team by partner > size:real']],
])('%s', (text, paths) => {
  expect(shown(text)).toEqual(paths)
})
