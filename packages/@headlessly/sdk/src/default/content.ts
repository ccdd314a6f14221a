// The entities of the domain `content`, bound to the default client.

import { Asset as AssetNoun, Content as ContentNoun, Site as SiteNoun } from 'digital-objects'
import { defaultEntity } from './default-session.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'
import type { Namespace } from '../client/client.ts'

export const Content: EntityMethods<'Content'> = /* @__PURE__ */ defaultEntity(ContentNoun)
export const Asset: EntityMethods<'Asset'> = /* @__PURE__ */ defaultEntity(AssetNoun)
export const Site: EntityMethods<'Site'> = /* @__PURE__ */ defaultEntity(SiteNoun)

export const content: Namespace<'content'> = { Content, Asset, Site }
