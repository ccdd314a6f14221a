export { Agent, Integration, platform, Workflow } from '@headlessly/sdk'
