/** A fresh clone of this checkout's HEAD in an empty folder, as a stranger would have it. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hasSharedData, sharedData } from './check.ts'

/** How a command in the clone ended. */
export type Ran = { readonly code: number; readonly output: string; readonly seconds: number }

const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Clones HEAD (uncommitted changes are not in it) and hands the folder to `use`; removes it afterwards.
 *
 * The recorded data stand beside the clone as they stand beside this checkout.
 */
export async function withFreshClone<result>(
  say: (line: string) => void,
  use: (
    run: (command: string, env?: Record<string, string>) => Promise<Ran>,
    folder: string,
  ) => Promise<result>,
): Promise<result> {
  const parent = mkdtempSync(join(tmpdir(), 'isoprice-clone-'))
  const folder = join(parent, 'clone')
  try {
    await runIn(parent, `git clone --quiet --no-hardlinks "${root}" "${folder}"`)
    if (hasSharedData) symlinkSync(dirname(sharedData.replace(/\/$/, '')), join(parent, 'shared'))
    return await use(async (command, env = {}) => {
      say(command)
      const ran = await runIn(folder, command, env)
      say(`exit ${ran.code} after ${ran.seconds.toFixed(1)} s`)
      return ran
    }, folder)
  } finally {
    rmSync(parent, { recursive: true, force: true })
  }
}

/** Runs a shell command without this project's own `node_modules/.bin`, so the machine's Node is the one that starts. */
function runIn(cwd: string, command: string, env: Record<string, string> = {}): Promise<Ran> {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((entry) => !entry.includes('node_modules'))
    .join(delimiter)
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|FC_|ISOPRICE_)/i.test(name),
  )
  const started = performance.now()
  return new Promise((done) => {
    const child = spawn('bash', ['-c', command], {
      cwd,
      env: { ...Object.fromEntries(inherited), ...env, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('close', (code) =>
      done({ code: code ?? 1, output, seconds: (performance.now() - started) / 1_000 }),
    )
  })
}
