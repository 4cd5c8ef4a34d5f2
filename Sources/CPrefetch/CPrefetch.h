// Asking the processor for a cache line ahead of time.
//
// Swift 6.3 has no spelling for the prefetch instruction. A static inline function is folded into the Swift
// code that calls it, so no call is left over. There is no library behind this header.

#ifndef HUSK_CPREFETCH_H
#define HUSK_CPREFETCH_H

/// Starts to bring the cache line that holds `address` into every cache level. Never faults, whatever the address.
static inline void husk_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

/// As `husk_prefetch`, for a line that is about to be written.
static inline void husk_prefetch_for_write(const void *address) { __builtin_prefetch(address, 1, 3); }

#endif
