export { authorizationServerMetadata, oauthPaths, protectedResourceMetadata } from './oauth-metadata.ts'
export { oauthService } from './oauth-service.ts'
