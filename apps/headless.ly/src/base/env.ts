// The Worker's environment, typed from the list of its bindings.

import type { Fetching } from '@dotdo/db'
import type { CodeLoader } from 'functions.do'
import type { AnswersCalls } from 'objects.do'
import type { Binding, BindingName, bindings } from './bindings.ts'

/** A tenant's object, as the front door reaches it; live events come through `fetch`. */
export interface TenantStub extends AnswersCalls {
  fetch(request: Request): Promise<Response>
}

/** The value that the platform gives for each kind of binding. */
interface BoundValues extends Record<Binding['kind'], unknown> {
  readonly objects: { getByName(name: string): TenantStub }
  readonly bucket: R2Bucket
  readonly service: Fetching
  readonly loader: CodeLoader
  readonly version: { readonly id: string }
  readonly setting: string
  readonly secret: string
}

type Required = {
  [Name in BindingName]: (typeof bindings)[Name]['isRequired'] extends true ? Name : never
}[BindingName]
type Bound<Name extends BindingName> = BoundValues[(typeof bindings)[Name]['kind']]

export type Env = { readonly [Name in Required]: Bound<Name> } & {
  readonly [Name in Exclude<BindingName, Required>]?: Bound<Name>
}
