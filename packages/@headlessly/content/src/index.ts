export { Asset, Content, content, Site } from '@headlessly/sdk'
