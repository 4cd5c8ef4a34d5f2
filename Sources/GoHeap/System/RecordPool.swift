// Memory for the heap's own records (spans, bitmaps): blocks of one size from mapped chunks, reused by a free list.
//
// Go: `fixalloc`, runtime/mfixalloc.go. Nothing is given back before the heap is destroyed.

import Glibc

struct RecordPool {
    /// Bytes of a block, a multiple of 8.
    let blockBytes: Int
    /// Bytes mapped from the kernel.
    private(set) var mappedBytes = 0
    /// Bytes of blocks that are taken.
    private(set) var inUseBytes = 0
    private var freeList: UnsafeMutableRawPointer?
    private var bump: UnsafeMutableRawPointer?
    private var bumpEnd: UnsafeMutableRawPointer?
    private var chunks: UnsafeMutableRawPointer?

    private static let chunkBytes = 64 << 10

    init(blockBytes: Int) {
        self.blockBytes = (blockBytes + 7) & ~7
    }

    /// A block of zeros.
    mutating func allocate() -> UnsafeMutableRawPointer {
        inUseBytes += blockBytes
        if let block = freeList {
            freeList = block.load(as: UnsafeMutableRawPointer?.self)
            memset(block, 0, blockBytes)
            return block
        }
        if bump == nil || bump.unsafelyUnwrapped + blockBytes > bumpEnd.unsafelyUnwrapped { addChunk() }
        let block = bump!
        bump = block + blockBytes
        return block
    }

    mutating func free(_ block: UnsafeMutableRawPointer) {
        inUseBytes -= blockBytes
        block.storeBytes(of: freeList, as: UnsafeMutableRawPointer?.self)
        freeList = block
    }

    private mutating func addChunk() {
        // The first bytes link the chunks, for `destroy`. Blocks that are cache lines start on one.
        guard let chunk = OperatingSystem.map(byteCount: Self.chunkBytes) else {
            fatalError("out of memory: the kernel refused \(Self.chunkBytes) bytes for heap records")
        }
        mappedBytes += Self.chunkBytes
        chunk.storeBytes(of: chunks, as: UnsafeMutableRawPointer?.self)
        chunks = chunk
        bump = chunk + 64
        bumpEnd = chunk + Self.chunkBytes
    }

    mutating func destroy() {
        while let chunk = chunks {
            chunks = chunk.load(as: UnsafeMutableRawPointer?.self)
            OperatingSystem.unmap(chunk, byteCount: Self.chunkBytes)
        }
        self = RecordPool(blockBytes: blockBytes)
    }
}
