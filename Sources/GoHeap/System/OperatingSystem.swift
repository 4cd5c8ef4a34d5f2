// The few calls by which the heap gets memory from the kernel and gives it back.
//
// Go: runtime/mem_linux.go. Its states have the same meaning here: reserved (address space only), ready
// (may be touched), released (ready, but the kernel has taken its pages back and will supply zeros).

import Glibc

enum OperatingSystem {
    /// The kernel's page size in bytes (4,096 on x86-64).
    static let physicalPageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// Takes address space without memory behind it.
    ///
    /// - Parameters:
    ///   - byteCount: how much, a multiple of the page size.
    ///   - alignment: a power of two that the address is a multiple of.
    /// - Returns: its first byte, or nil when the kernel refuses.
    static func reserve(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
        let padded = byteCount + alignment
        guard
            let whole = mmap(
                nil, padded, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
            whole != MAP_FAILED
        else { return nil }
        let aligned = whole.alignedUp(toMultipleOf: alignment)
        // What lies before and after the aligned part goes back: it is address space only.
        let before = aligned - whole
        if before > 0 { munmap(whole, before) }
        if padded - before - byteCount > 0 { munmap(aligned + byteCount, padded - before - byteCount) }
        return aligned
    }

    /// Makes reserved address space usable; its pages read as zeros and cost nothing until touched.
    ///
    /// - Returns: false when the kernel refuses.
    static func makeReady(_ address: UnsafeMutableRawPointer, byteCount: Int) -> Bool {
        mprotect(address, byteCount, PROT_READ | PROT_WRITE) == 0
    }

    /// Maps fresh zeroed memory for the heap's own records.
    static func map(byteCount: Int) -> UnsafeMutableRawPointer? {
        let address = mmap(
            nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        return address == MAP_FAILED ? nil : address
    }

    static func unmap(_ address: UnsafeMutableRawPointer, byteCount: Int) {
        munmap(address, byteCount)
    }

    /// Gives pages back. With `dontneed` RSS falls at once, and the next touch finds zeros. With `free` the kernel takes
    /// them when it is short of memory; until then RSS stays as it is and the next touch may find what was there.
    static func release(_ address: UnsafeMutableRawPointer, byteCount: Int, advice: MemoryAdvice) {
        // As Go does where the kernel does not know MADV_FREE (before Linux 4.5).
        if advice == .free && madvise(address, byteCount, MADV_FREE) == 0 { return }
        let result = madvise(address, byteCount, MADV_DONTNEED)
        precondition(result == 0, "madvise of \(byteCount) bytes failed: errno \(errno)")
    }

    /// Nanoseconds since 1970.
    static func wallNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

extension UnsafeMutableRawPointer {
    func alignedUp(toMultipleOf alignment: Int) -> UnsafeMutableRawPointer {
        let bits = UInt(bitPattern: self)
        let mask = UInt(alignment) - 1
        return UnsafeMutableRawPointer(bitPattern: (bits + mask) & ~mask)!
    }
}
