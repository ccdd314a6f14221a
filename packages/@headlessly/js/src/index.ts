export { type Consent, init, type Options, type Properties, Tracker } from './tracker.ts'
