// The pointer bits of small objects: for each word of a span, whether it is a pointer.
//
// Since Go 1.22 only objects of at most 512 bytes have them, at their span's end; before, all small objects had, in a table
// beside the heap (Go: `heapBits`, runtime/mbitmap.go). Either way `pointerBits` is where a span's bits start. The table is
// mapped whole and zero, so a read of the word behind a span's last bits stays inside it.

extension Span {
    /// Writes the pointer bits of a new object, and zeros for the rest of its slot.
    @inline(__always)
    func writePointerBits(
        at address: UnsafeMutableRawPointer, objectBytes: Int, type: ObjectTypeRef, count: Int
    ) {
        // At most 64 words, so one object's bits fit into one UInt64.
        var bits = type.pointee.mask[0]
        if count > 1 {
            let elementWords = UInt64(type.pointee.byteCount / HeapConstants.wordBytes)
            var all: UInt64 = 0
            for element in 0..<UInt64(count) { all |= bits &<< (element &* elementWords) }
            bits = all
        }
        let slotWords = objectBytes / HeapConstants.wordBytes
        let slotMask: UInt64 = slotWords == 64 ? ~0 : (1 &<< UInt64(slotWords)) &- 1
        let firstWord = Int(bitPattern: UInt(bitPattern: address) &- base) / HeapConstants.wordBytes
        let bit = UInt64(firstWord & 63)
        let words = pointerBits.unsafelyUnwrapped + firstWord &>> 6
        words[0] = words[0] & ~(slotMask &<< bit) | bits &<< bit
        if bit &+ UInt64(slotWords) > 64 {
            words[1] = words[1] & ~(slotMask &>> (64 &- bit)) | bits &>> (64 &- bit)
        }
    }

    /// The pointer bits of the object at `address`: bit i = its word i is a pointer.
    @inline(__always)
    func readPointerBits(at address: UInt) -> UInt64 {
        let slotWords = objectBytes / HeapConstants.wordBytes
        let slotMask: UInt64 = slotWords == 64 ? ~0 : (1 &<< UInt64(slotWords)) &- 1
        let firstWord = Int(bitPattern: address &- base) / HeapConstants.wordBytes
        let bit = UInt64(firstWord & 63)
        let words = pointerBits.unsafelyUnwrapped + firstWord &>> 6
        var bits = words[0] &>> bit
        if bit &+ UInt64(slotWords) > 64 { bits |= words[1] &<< (64 &- bit) }
        return bits & slotMask
    }

    /// Writes the pointer bits of an object of more than 512 bytes (before Go 1.22). Its slot's bits begin and end inside
    /// words that its neighbours share.
    func writeLongPointerBits(at address: UnsafeMutableRawPointer, type: ObjectTypeRef, count: Int) {
        let firstWord = Int(bitPattern: UInt(bitPattern: address) &- base) / HeapConstants.wordBytes
        let slotWords = objectBytes / HeapConstants.wordBytes
        let bits = pointerBits.unsafelyUnwrapped
        func replace(_ first: Int, _ count: Int, with value: UInt64) {
            let low = UInt64(first & 63)
            let mask: UInt64 = count == 64 ? ~0 : (1 &<< UInt64(count)) &- 1
            bits[first >> 6] = bits[first >> 6] & ~(mask &<< low) | (value & mask) &<< low
            if low &+ UInt64(count) > 64 {
                bits[first >> 6 + 1] =
                    bits[first >> 6 + 1] & ~(mask &>> (64 &- low)) | (value & mask) &>> (64 &- low)
            }
        }
        var word = 0
        while word < slotWords {
            let step = min(64, slotWords - word)
            replace(firstWord + word, step, with: 0)
            word += step
        }
        let elementWords = type.pointee.byteCount / HeapConstants.wordBytes
        let maskedWords = type.pointee.pointerBytes / HeapConstants.wordBytes
        for element in 0..<count {
            var done = 0
            while done < maskedWords {
                let step = min(64, maskedWords - done)
                replace(firstWord + element * elementWords + done, step, with: type.pointee.mask[done / 64])
                done += step
            }
        }
    }

    /// 64 pointer bits from the span's word `word` on; those past the object are the caller's to mask.
    @inline(__always)
    func longPointerBits(fromWord word: Int) -> UInt64 {
        let bits = pointerBits.unsafelyUnwrapped + word &>> 6
        let low = UInt64(word & 63)
        return low == 0 ? bits[0] : bits[0] &>> low | bits[1] &<< (64 &- low)
    }
}
