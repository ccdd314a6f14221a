import { expect, test } from 'vitest'
import { startOfRelated } from './related-start.ts'

function reference(name: string, to: string, many = false) {
  return { name, kind: 'reference', many, to: [to] }
}

const text = { name: 'name', kind: 'data', many: false }
const ofEntity = [
  reference('organization', 'Organization'),
  reference('owner', 'User'),
  reference('tags', 'Tag', true),
  text,
]
const entity = {
  $id: 'contact_1',
  $type: 'Contact',
  $version: 1,
  $createdAt: '2026-01-01T00:00:00.000Z',
  $updatedAt: '2026-01-01T00:00:00.000Z',
  name: 'Ada',
  organization: { $id: 'organization_1', name: 'Visby Marina' },
  owner: 'user_1',
  tags: ['tag_1'],
}

test('a deal of a contact is of the organization and the owner of the contact', () => {
  const fields = [
    reference('contact', 'Contact'),
    reference('organization', 'Organization'),
    reference('owner', 'User'),
    text,
  ]
  const start = { contact: 'contact_1', organization: 'organization_1', owner: 'user_1' }
  expect(startOfRelated({ fields, by: 'contact', entity, ofEntity })).toEqual(start)
})

test('a reference of the same name to another type, or to many, is not taken over', () => {
  const fields = [
    reference('guest', 'Contact'),
    reference('owner', 'Agent'),
    reference('organization', 'Organization', true),
    reference('tags', 'Tag', true),
  ]
  expect(startOfRelated({ fields, by: 'guest', entity, ofEntity })).toEqual({ guest: 'contact_1' })
})
