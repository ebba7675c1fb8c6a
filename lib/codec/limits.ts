/** The most bytes that a zlib stream may yield where the caller states no bound: 1 GiB. */
export const DEFAULT_MAX_SIZE = 1 << 30;
