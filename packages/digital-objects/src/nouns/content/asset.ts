// Asset: a file, such as an image or a document, that is kept at a URL.

import { Noun } from '../../noun/noun.ts'
import { givenOrNow } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Asset = Noun(
  'Asset',
  {
    name: 'string! personal',
    filename: 'string! personal',
    url: 'url! personal',
    mimeType: 'string!',
    size: 'number(0..)!',
    file: 'string?# personal',
    hash: 'string? personal',
    type: 'Image | Video | Document | Audio | Archive | Other',
    extension: 'string?',
    width: 'number(0..)?',
    height: 'number(0..)?',
    duration: 'number(0..)?',
    alt: 'text? personal',
    caption: 'text? personal',
    thumbnail: 'url? personal',
    tags: 'string?',
    source: 'string?',
    license: 'string?',
    processedAt: 'datetime?',
    uploadedBy: '-> User.uploadedAssets | Contact.uploadedAssets | Agent.uploadedAssets',
    content: '-> Content.assets',
    attachedTo: '-> *.files[] personal',
    metadata: 'json? personal',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    featuredIn: '<- Content.featuredImage[]',
    process: 'Processed',
  },
  {
    effects: {
      process: {
        sets: { processedAt: givenOrNow('processedAt') },
        requires: [{ connection: 'media', unlessGiven: ['thumbnail', 'width', 'height', 'duration'] }],
      },
    },
  },
)

export const assetTexts: NounTexts = {
  about: 'A file, such as an image or a document, that is kept at a URL.',
  descriptions: {
    name: 'Title of the file as people see it.',
    filename: 'Name of the file itself, such as logo.png.',
    url: 'URL at which the file can be downloaded.',
    mimeType: 'Media type of the file, such as image/png.',
    size: 'Size of the file in bytes.',
    file: 'Identifier of the bytes that this server keeps, as an upload answers it; none for a file at another address.',
    hash: 'SHA-256 of the bytes that this server keeps, in hexadecimal digits; the server sets it.',
    type: 'Kind of file.',
    extension: 'File name extension without the dot, such as png.',
    width: 'Width of an image or video in pixels.',
    height: 'Height of an image or video in pixels.',
    duration: 'Length of an audio or video file in seconds.',
    alt: 'Text that stands in for the image, for people who cannot see it.',
    caption: 'Text that is shown below the file.',
    thumbnail: 'URL of a small preview image.',
    tags: 'Keywords separated by commas.',
    source: 'Place the file comes from, such as a photographer or a stock library.',
    license: 'License under which the file may be used.',
    processedAt: 'Time the file was last processed; process sets it.',
    uploadedBy: 'User, contact or agent who uploaded the file.',
    content: 'Page or article that the file belongs to.',
    attachedTo: 'Entities of any type to which the file is attached.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    featuredIn: 'Content that shows this file as its main picture.',
    process: 'Stores the fields you send, such as width and height, and records the event Asset.Processed.',
  },
}
