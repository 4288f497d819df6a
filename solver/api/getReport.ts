/** `GET /` and `GET /v1/report`: everything settled since the start, as a page and as JSON. */
import { z } from 'zod'
import { renderHtml, renderJson } from '../measure/renderHtml.ts'
import { report } from './answers.ts'
import { defineRoute } from './route.ts'

const nothing = z.strictObject({})

/** The report as a page. */
export const getPage = defineRoute({
  operationId: 'getPage',
  method: 'GET',
  path: '/',
  summary: 'Report of everything settled, as a page',
  input: nothing,
  contentType: 'text/html; charset=utf-8',
  handle: (_input, context) => renderHtml(context.report(), context.engine.view()),
})

/** The report as JSON. */
export const getReport = defineRoute({
  operationId: 'getReport',
  method: 'GET',
  path: '/v1/report',
  summary: 'Report of everything settled',
  input: nothing,
  answer: report,
  contentType: 'application/json',
  handle: (_input, context) => renderJson(context.report()),
})
