export { Campaign, Form, marketing, Segment } from '@headlessly/sdk'
