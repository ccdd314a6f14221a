export type { Account, Membership } from './accounts.ts'
export type { Person, SignedIn, TenantSession } from './directory.ts'
export {
  DirectoryDurableObject,
  type DirectoryParts,
  type DirectoryStub,
  type Outcome,
  type OwnerLinkRequest,
} from './directory-durable-object.ts'
export { type Device, idleMsMax, sessionMsMax, type SignIn } from './sign-ins.ts'
