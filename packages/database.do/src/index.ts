export { databaseService } from './database-service.ts'
