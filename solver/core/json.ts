/** JSON without numbers, as `isoprice-market/1` allows it: integers are decimal strings. */

/** Any such value. */
export type Json = string | boolean | null | readonly Json[] | JsonObject

/** An object of such JSON. */
export type JsonObject = { readonly [key: string]: Json }
