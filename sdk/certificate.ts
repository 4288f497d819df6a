/** Checks a quote's bundle (`/v1/quotes/{id}/bundle`) on the caller's own machine, trusting nobody. */
export { type Bundle, parseBundle } from '../solver/route/bundle.ts'
export { type Fault, type Verification, verifyCertificate } from '../solver/route/verify.ts'
