/** Every API route. A new one is one file and one line here. */
import { getError } from './getError.ts'
import { getHealth, getReady } from './getHealth.ts'
import { getMetrics } from './getMetrics.ts'
import { getPrice } from './getPrice.ts'
import { getQuoteBundle, getQuoteRoute } from './getQuote.ts'
import { getPage, getReport } from './getReport.ts'
import { getTokens, getVenues } from './getTokens.ts'
import { getIntent, postIntent } from './intents.ts'
import { createOpenApiRoute } from './openapi.ts'
import { postQuote } from './postQuote.ts'
import type { ApiRoute } from './route.ts'

const described: readonly ApiRoute[] = [
  getPrice,
  postQuote,
  getQuoteBundle,
  getQuoteRoute,
  postIntent,
  getIntent,
  getTokens,
  getVenues,
  getReport,
  getPage,
  getHealth,
  getReady,
  getMetrics,
  getError,
]

/** Routes in the order in which the documentation lists them. */
export const apiRoutes: readonly ApiRoute[] = [...described, createOpenApiRoute(described)]
