// Tests and programs need Node 22 or newer, which the `node` package brings; where its install script was not allowed
// to run, say so at once instead of failing somewhere deep.

const major = Number(process.versions.node.split('.')[0])
if (major < 22) {
  console.error(
    `this needs Node 22 or newer and runs on ${process.versions.node}: the 'node' package did not install its binary; run npm install with install scripts allowed, and start this by npm`,
  )
  process.exit(1)
}
