export type { Account, Membership } from './accounts.ts'
export type { Invitation, MadeLink } from './links.ts'
export type { OwedMessage } from './owed.ts'
export { PasswordHasherDurableObject, type PasswordHasherStub } from './password-hasher.ts'
export type { PasskeyAnswer, PasswordSignIn, Person, Security, SignedIn, TenantSession } from './directory.ts'
export type { Passkey, Site } from './passkeys.ts'
export {
  type AcceptRequest,
  DirectoryDurableObject,
  type DirectoryParts,
  type DirectoryStub,
  type Outcome,
  type OwnerLinkRequest,
  type PasswordChange,
} from './directory-durable-object.ts'
export { type Device, idleMsMax, sessionMsMax, type SignIn } from './sign-ins.ts'
