export { type EventsBindings, eventsService } from './events-service.ts'
