// Where a power counts as none.

/**
 * Below this part of a spectrum's power a ring holds nothing but rounding: a transform in float64
 * leaves some 1e-31 of it.
 */
export const NEGLIGIBLE = 1e-24;
