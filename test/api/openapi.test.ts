/** The API's description is what the code does: every operation, no empty schema, orders as they are written. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'mocha'
import { health, intentStatus } from '../../solver/api/answers.ts'
import { apiRoutes } from '../../solver/api/index.ts'
import { openApiDocument } from '../../solver/api/openapi.ts'
import { signedOrder } from '../../solver/api/schemas.ts'
import { toJson } from '../../solver/core/units.ts'
import { signedOrderToJson } from '../../solver/intents/orderJson.ts'
import { signerOf, signOrder } from '../../solver/intents/sign.ts'
import { isOfForm } from '../helpers/api.ts'
import { anOrder, domain, ownerAccount } from '../helpers/orders.ts'

type Schema = {
  readonly type?: string
  readonly pattern?: string
  readonly properties?: Record<string, Schema>
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
}
type Operation = {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> }
  readonly responses: Record<string, { readonly content: Record<string, { schema?: Schema }> }>
}

const paths = openApiDocument(apiRoutes)['paths'] as Record<string, Record<string, Operation>>
const operations = Object.entries(paths).flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, operation]) => ({ path, method, operation })),
)

describe('openapi.openApiDocument', () => {
  it('describes every route of the registry once', () => {
    const described = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`)
    assert.deepEqual(
      described.sort(),
      apiRoutes.map(({ method, path }) => `${method} ${path}`).sort(),
    )
    const ids = new Set(operations.map(({ operation }) => operation.operationId))
    assert.equal(ids.size, apiRoutes.length)
  })

  it('says of each operation what it does, and how it fails', () => {
    for (const { operation } of operations) {
      assert.ok(operation.summary.length > 5)
      assert.ok(operation.responses['default']?.content['application/problem+json'])
    }
  })

  it('names every path parameter as required, in the path', () => {
    for (const { path, operation } of operations)
      for (const [, name] of path.matchAll(/\{(\w+)\}/g))
        assert.equal(operation.parameters?.find((each) => each.name === name)?.in, 'path')
  })

  it('has no empty schema: a bigint is text with a pattern', () => {
    const inspect = (schema: Schema, at: string): void => {
      assert.ok(schema.type !== undefined, at)
      if (/amount|limit|nonce|Wei$/i.test(at)) assert.ok(schema.pattern, at)
      for (const [name, each] of Object.entries(schema.properties ?? {})) inspect(each, name)
    }
    for (const { operation } of operations) {
      for (const { name, schema } of operation.parameters ?? []) inspect(schema, name)
      const body = operation.requestBody?.content['application/json']
      if (body) inspect(body.schema, operation.operationId)
    }
  })

  it('gives every JSON answer a form with fields, but for the bundle, which has its own page', () => {
    for (const { operation } of operations) {
      const [, answer] =
        Object.entries(operation.responses).find(([code]) => code.startsWith('2')) ?? []
      const json = answer?.content['application/json']
      if (json === undefined || operation.operationId === 'getQuoteBundle') continue
      const forms = json.schema?.oneOf ?? json.schema?.anyOf ?? [json.schema]
      for (const form of forms)
        assert.ok(Object.keys(form?.properties ?? {}).length > 0, operation.operationId)
    }
  })

  it('is what docs/openapi.json holds', () => {
    const file = new URL('../../docs/openapi.json', import.meta.url)
    const written: unknown = JSON.parse(readFileSync(file, 'utf8'))
    assert.deepEqual(written, JSON.parse(JSON.stringify(openApiDocument(apiRoutes))))
  })
})

describe('schemas.signedOrder', () => {
  it('takes what sign prints, and with it the name of a quote', async () => {
    const signed = await signOrder(anOrder(), domain, 'allowance', signerOf(ownerAccount))
    const json = JSON.parse(toJson(signedOrderToJson(signed))) as object
    assert.ok(signedOrder.safeParse(json).success)
    assert.ok(signedOrder.safeParse({ ...json, quoteId: signed.digest }).success)
    assert.equal(signedOrder.safeParse({ ...json, extra: 1 }).success, false)
  })
})

describe('answers', () => {
  it('tells an answer of its form from one with a field less, more or of another kind', () => {
    const status = { intentHash: `0x${'ab'.repeat(32)}`, status: 'open', why: 'no-depth' }
    assert.ok(isOfForm(intentStatus, status))
    assert.equal(isOfForm(intentStatus, { ...status, amount: '1' }), false)
    assert.equal(isOfForm(intentStatus, { status: 'open' }), false)
    assert.equal(isOfForm(intentStatus, { ...status, status: 'lost' }), false)
    assert.equal(isOfForm(health, { ok: false }), false)
  })
})
