export { analytics, Event, Funnel, Goal, Metric } from '@headlessly/sdk'
