/** A Postgres server of our own for one test file, where the machine has the programs. */
import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** A server that runs until `stop`. */
export type PostgresServer = { readonly url: string; stop(): void }

/** Postgres refuses to run as root; this is `nobody` on every Linux. */
const nobody = 65_534

/** The folder of `initdb` and `pg_ctl`, or `undefined` on a machine without them. */
export function findPostgres(): string | undefined {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...globSync('/usr/lib/postgresql/*/bin'),
  ]
  return folders.find((folder) =>
    ['initdb', 'pg_ctl'].every((name) => existsSync(join(folder, name))),
  )
}

/** Starts a server on a free port of 127.0.0.1 with the programs of `programs`, durable settings as they come. */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'isoprice-postgres-'))
  const isRoot = process.getuid?.() === 0
  if (isRoot) chownSync(folder, nobody, nobody)
  const data = join(folder, 'data')
  const run = (name: string, ...given: string[]) => {
    const { status, stderr } = spawnSync(join(programs, name), given, {
      encoding: 'utf8',
      cwd: folder,
      stdio: ['ignore', 'ignore', name === 'initdb' ? 'pipe' : 'ignore'],
      ...(isRoot ? { uid: nobody, gid: nobody } : {}),
    })
    if (status !== 0) throw new TypeError(`${name} exited ${status}: ${stderr}`)
  }
  const port = await freePort()
  run('initdb', '-D', data, '-U', 'isoprice', '-A', 'trust', '--no-sync', '-E', 'UTF8')
  const options = `-p ${port} -h 127.0.0.1 -k ${folder}`
  run('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), '-o', options, 'start')
  return {
    url: `postgres://isoprice@127.0.0.1:${port}/postgres`,
    stop() {
      run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop')
      rmSync(folder, { recursive: true })
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
}
