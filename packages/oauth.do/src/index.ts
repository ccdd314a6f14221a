export { confined, neverWhole } from './confine.ts'
export { delegatedWork } from './delegated-work.ts'
export { authorizationServerMetadata, oauthPaths, protectedResourceMetadata } from './oauth-metadata.ts'
export { type OauthOptions, oauthService } from './oauth-service.ts'
