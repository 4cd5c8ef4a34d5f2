/// The C library's allocator: its settings, which Swift's Glibc module leaves out.
#pragma once
#include <stdbool.h>

#if defined(__GLIBC__) || __has_include(<gnu/libc-version.h>)
#include <malloc.h>

/// Fixes what else adapts itself to the largest block ever freed, up to 32 MiB.
static inline void cmalloc_configure(int large_bytes, int arenas) {
    mallopt(M_MMAP_THRESHOLD, large_bytes);
    mallopt(M_TRIM_THRESHOLD, large_bytes);
    mallopt(M_ARENA_MAX, arenas);
    // A small free block that waits in a fast bin below the free end of an arena keeps that end, be it 60 MB, from being
    // given back; and malloc_trim, which merges the two, leaves the ends of all arenas but the first as they are.
    mallopt(M_MXFAST, 0);
}

static inline void cmalloc_trim(void) { malloc_trim(0); }
#else
static inline void cmalloc_configure(int large_bytes, int arenas) {
    (void)large_bytes;
    (void)arenas;
}
static inline void cmalloc_trim(void) {}
#endif
