import { expect, test } from 'vitest'
import { delegatedWorkOf } from './delegated-work.ts'

test("a Noun of the tenant's own is not the work of the service that brings one of the same name", () => {
  const work = { service: 'payments.do', apart: [], halts: {}, isReliedOn: true }
  const delegated = { Ledger: work }
  expect(delegatedWorkOf({ delegated }, { name: 'Ledger', service: 'payments.do' })).toBe(work)
  expect(delegatedWorkOf({ delegated }, { name: 'Ledger' })).toBeUndefined()
})
