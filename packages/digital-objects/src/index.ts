export { applyVerb, defaultFields } from './apply-verb.ts'
export { type Conjugation, conjugate, type Gerund, type Past } from './conjugate.ts'
export { formatDatetime, isDate, parseDatetime } from './datetime.ts'
export { type Entity, type EntityFields, type EntityMeta, type JsonValue, type MetaFieldName, metaFieldNames } from './entity.ts'
export type {
  CreateInput,
  EntityOf,
  EventTypeOf,
  FilterInput,
  HookNameOf,
  IncludeOf,
  NounMap,
  SortInput,
  UpdateInput,
  VerbNameOf,
  WithIncludes,
} from './entity-types.ts'
export { type Changes, eventFormat, type ObjectEvent, type Via } from './event.ts'
export { type Filter, type FilterPath, type FilterValue, matchAll, matchNone, type SortTerm, type StorageClass } from './filter.ts'
export { type EntityId, idMaker, isEntityId, isEntityIdOf, parseEventId, parseId, type Random } from './id.ts'
export { nearestName } from './nearest-name.ts'
export { Noun } from './noun.ts'
export { domains, type NounName, nouns } from './nouns/all-nouns.ts'
export { type Fault, ObjectError, type ObjectErrorCode, objectErrorCodes, type ObjectErrorData } from './object-error.ts'
export type { DataField, EnumField, Field, NounLookup, NounSchema, ReferenceField, ReverseField, Scalar, StoredField, Verb } from './schema.ts'
export { metaStorage, storageClassOf } from './storage-class.ts'
export { type Validated, validateCreate, validateUpdate } from './validate.ts'
export type { EffectValue, VerbEffect } from './verb-effect.ts'
