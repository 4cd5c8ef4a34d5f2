// The memory of the Swift process itself, so that RSS tells the map's story and not that of the requests before it.
//
// glibc's malloc gives large blocks back to the kernel when they are freed, but what is large it learns from the largest
// block freed so far: after a few bodies of megabytes all of them come from arenas, which keep what they have. With fixed
// thresholds bodies go as they came, and `trim` does away with what connections have left in the arenas.

import CMalloc

package enum ProcessAllocator {
    /// From this size on a block is mapped on its own, and unmapped when it is freed. glibc's own choice at the start.
    private static let largeBytes: Int32 = 128 << 10

    /// To be called before the first thread starts.
    ///
    /// - Parameter threads: that serve connections. They are given arenas of their own; other threads share those.
    package static func configure(threads: Int) {
        cmalloc_configure(largeBytes, Int32(clamping: threads + 2))
    }

    /// Gives the free pages of all arenas back to the kernel.
    package static func trim() { cmalloc_trim() }
}
