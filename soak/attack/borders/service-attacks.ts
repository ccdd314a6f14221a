// Entrances that services bring: SCIM, reports of mail servers, and the records that repeat values of others.

import { attacksOf, type BorderAttack, refused, type Row } from './border-attack.ts'

const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const newUser = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: 'mallory@example.com',
  emails: [{ value: 'mallory@example.com', primary: true }],
}
const join = { schemas: [patchOp], Operations: [{ op: 'add', path: 'members', value: [{ value: '$ada' }] }] }

const scim: readonly Row[] = [
  ['list people', 'sales', 'GET', '/~acme/scim/v2/Users', 403],
  ['list people with a key that writes', 'writer', 'GET', '/~acme/scim/v2/Users', 403],
  ['list people of another tenant', 'globex', 'GET', '/~acme/scim/v2/Users', 401],
  ['list people as nobody', 'nobody', 'GET', '/~acme/scim/v2/Users', 401],
  ['find a person by a filter', 'sales', 'GET', '/~acme/scim/v2/Users?filter=userName%20pr', 403],
  ['read a person', 'sales', 'GET', '/~acme/scim/v2/Users/$ada', 403],
  ['list the members of a role', 'sales', 'GET', '/~acme/scim/v2/Groups/Admin', 403],
  ['create a person', 'sales', 'POST', '/~acme/scim/v2/Users', 403, { body: newUser }],
  ['become an administrator', 'sales', 'PATCH', '/~acme/scim/v2/Groups/Admin', 403, { body: join }],
  ['become one in another tenant', 'globex', 'PATCH', '/~acme/scim/v2/Groups/Admin', 401, { body: join }],
  ['remove a person', 'sales', 'DELETE', '/~acme/scim/v2/Users/$bob', 403],
]

const records: readonly Row[] = [
  ['read what repeats a hidden invoice', 'sales', 'GET', '/~acme/JournalEntry', 404],
  ['read findings about hidden payments', 'sales', 'GET', '/~acme/PaymentFinding', 404],
  ['read the balances of the ledger', 'sales', 'GET', '/~acme/ledger/balances', 404],
  ['report that a mail came back', 'sales', 'POST', '/~acme/mail/bounces', refused, { body: { report: 'none' } }],
]

export const serviceAttacks: readonly BorderAttack[] = [
  ...attacksOf('identity providers', scim),
  ...attacksOf('records of services', records),
]
