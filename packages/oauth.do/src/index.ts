export { oauthService } from './oauth-service.ts'
