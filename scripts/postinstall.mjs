/**
 * Completes an install made by a Node.js older than 22.
 *
 * npm leaves out optional packages whose `engines` the installing Node.js does not meet, so Hardhat's
 * EVM is missing after an install under Node 20. npm scripts find `node_modules/.bin` first: here `node`
 * is already the dev dependency, and a second install adds what was left out.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

try {
  require('@nomicfoundation/edr')
} catch {
  console.log(`postinstall: adding the optional packages under Node.js ${process.version}`)
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
  const npm = spawnSync('npm', ['install', ...flags], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  process.exit(npm.status ?? 1)
}
